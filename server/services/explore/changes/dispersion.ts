import { before, type Kind, mapKinds, SLICES, type Tallies } from "./tally";

/** How the values of a field vary between the parts of the baseline. */
export interface Dispersion {
  /** The variance divided by that of independent rows, at least 1: rows of one visitor arrive together. */
  readonly factor: number;
  /** The highest number of rows by which a value exceeded what was expected in one part. */
  readonly burst: number;
}

/** The variance of fewer rows is not known. */
const MIN_COUNT = 5;

/**
 * Measures how much the numbers of values vary by themselves. For all rows, the value's share is expected in each part;
 * for errors and slow rows, the value's proportion of them, so that visitors who come and go are no variance. The
 * factor is the mean chi-square by degree of freedom, by rows.
 */
export function dispersionOf(
  values: readonly { readonly tallies: Tallies }[],
  all: Tallies,
): Readonly<Record<Kind, Dispersion>> {
  return mapKinds((kind) => {
    let weighted = 0;
    let weights = 0;
    let burst = 0;
    const against = kind === "rows" ? all.rows : undefined;
    const total = before(all[kind]);
    for (const { tallies } of values) {
      const own = tallies[kind];
      const count = before(own);
      if (count < MIN_COUNT || count === total) continue;
      const base = against ?? tallies.rows;
      const share = count / Math.max(1, before(base));
      const remainder = Math.max(0.05, 1 - share);
      let chiSquare = 0;
      own.slices.forEach((found, index) => {
        const expected = (base.slices[index] ?? 0) * share;
        burst = Math.max(burst, found - expected);
        if (expected > 0) chiSquare += (found - expected) ** 2 / (expected * remainder);
      });
      // What happens every day is no burst.
      if (!against) burst = Math.max(burst, own.dayBefore - base.dayBefore * share);
      weighted += (count * chiSquare) / (SLICES - 1);
      weights += count;
    }
    return { factor: weights === 0 ? 1 : Math.max(1, weighted / weights), burst };
  });
}

/**
 * Gives all fields the same factor for errors and slow rows, the median, since it is the requests that vary and not
 * their fields; else the field that varies least would be chosen among those that describe the same rows.
 */
export function pooled<T extends { readonly dispersion: Readonly<Record<Kind, Dispersion>> }>(
  fields: readonly T[],
): T[] {
  const median = (kind: Kind) => {
    const factors = fields.map(({ dispersion }) => dispersion[kind].factor).sort((a, b) => a - b);
    return factors[Math.floor(factors.length / 2)] ?? 1;
  };
  const factors = mapKinds(median);
  return fields.map((field) => ({
    ...field,
    dispersion: mapKinds((kind) => ({
      ...field.dispersion[kind],
      factor: kind === "rows" ? field.dispersion.rows.factor : factors[kind],
    })),
  }));
}
