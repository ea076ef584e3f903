/** Values of a series by point; null where there is no data. */
export type Values = readonly (number | null)[];

/** The height of a plot, whose coordinates are points from left to right and this from top to bottom. */
export const HEIGHT = 100;
/** The part of a point's width that its bar fills. */
const BAR = 0.9;

export interface Scale {
  readonly max: number;
  /** From 0 to the maximum. */
  readonly ticks: readonly number[];
}

/**
 * Returns a scale from 0 to a round number.
 * @param isCount no fractions
 */
export function scaleTo(max: number, isCount: boolean): Scale {
  const parts = 3;
  const raw = Math.max(max || 1, isCount ? parts : 0) / parts;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw * 0.999) ?? 10) * power;
  const width = isCount ? Math.max(1, Math.ceil(step)) : step;
  const count = Math.max(1, Math.ceil(max / width - 1e-9));
  const ticks = Array.from({ length: count + 1 }, (_, n) => Number((n * width).toPrecision(12)));
  return { max: ticks.at(-1) ?? width, ticks };
}

/** The greatest value of all series, or of their sums. */
export function maxOf(series: readonly Values[], isStacked: boolean): number {
  if (!isStacked) return Math.max(0, ...series.flat().map((value) => value ?? 0));
  const sums = (series[0] ?? []).map((_, index) => series.reduce((sum, values) => sum + (values[index] ?? 0), 0));
  return Math.max(0, ...sums);
}

/** Returns for each series the sums of those below it. */
export function basesOf(series: readonly Values[]): number[][] {
  const below = (series[0] ?? []).map(() => 0);
  return series.map((values) => {
    const base = [...below];
    for (const [index, value] of values.entries()) below[index] = (below[index] ?? 0) + (value ?? 0);
    return base;
  });
}

const place = (value: number, max: number) => round(HEIGHT - (value / max) * HEIGHT);
const round = (value: number) => Math.round(value * 100) / 100;

/** Bars as one path. */
export function barsPath(values: Values, bases: readonly number[], max: number): string {
  return values
    .flatMap((value, index) => {
      if (!value) return [];
      const base = bases[index] ?? 0;
      const [top, bottom] = [place(base + value, max), place(base, max)];
      return [`M${round(index + (1 - BAR) / 2)} ${bottom}V${top}h${BAR}V${bottom}Z`];
    })
    .join("");
}

/** Lines through the middle of points, interrupted where there is no data; a single point becomes a dot. */
export function linePath(values: Values, max: number): string {
  return runsOf(values)
    .map((run) => {
      const line = run.map(({ index, value }) => `${index + 0.5} ${place(value, max)}`).join("L");
      return run.length === 1 ? `M${line}h0.001` : `M${line}`;
    })
    .join("");
}

/** The areas between lines and those below. */
export function areaPath(values: Values, bases: readonly number[], max: number): string {
  return runsOf(values)
    .map((run) => {
      const base = (index: number) => bases[index] ?? 0;
      const top = run.map(({ index, value }) => `${index + 0.5} ${place(base(index) + value, max)}`);
      const bottom = run.toReversed().map(({ index }) => `${index + 0.5} ${place(base(index), max)}`);
      return `M${[...top, ...bottom].join("L")}Z`;
    })
    .join("");
}

function runsOf(values: Values): { index: number; value: number }[][] {
  const runs: { index: number; value: number }[][] = [];
  for (const [index, value] of values.entries()) {
    if (value === null) continue;
    const last = runs.at(-1);
    if (last?.at(-1)?.index === index - 1) last?.push({ index, value });
    else runs.push([{ index, value }]);
  }
  return runs;
}
