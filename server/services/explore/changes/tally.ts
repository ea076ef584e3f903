/** Which rows are compared: all, those with a server error, those with another error, and slow ones. */
export const KINDS = ["rows", "failed", "refused", "slow"] as const;
export type Kind = (typeof KINDS)[number];

/** The baseline is divided into as many parts, which show how much a share varies by itself. */
export const SLICES = 6;

/** Numbers of rows. */
export interface Tally {
  /** In the window. */
  readonly now: number;
  /** In each part of the baseline. */
  readonly slices: readonly number[];
  /** At the same time of the day before. */
  readonly dayBefore: number;
}

export type Tallies = Readonly<Record<Kind, Tally>>;

const NO_ROWS: Tally = { now: 0, slices: new Array<number>(SLICES).fill(0), dayBefore: 0 };

export function before({ slices }: Tally): number {
  return slices.reduce((sum, count) => sum + count, 0);
}

/** Returns the numbers of both, or of one without the other for a `sign` of -1. */
export function add(one: Tallies, other: Tallies, sign: 1 | -1 = 1): Tallies {
  return mapKinds((kind) => ({
    now: one[kind].now + sign * other[kind].now,
    slices: one[kind].slices.map((count, index) => count + sign * (other[kind].slices[index] ?? 0)),
    dayBefore: one[kind].dayBefore + sign * other[kind].dayBefore,
  }));
}

export function mapKinds<T>(of: (kind: Kind) => T): Readonly<Record<Kind, T>> {
  return { rows: of("rows"), failed: of("failed"), refused: of("refused"), slow: of("slow") };
}

export const NO_TALLIES: Tallies = mapKinds(() => NO_ROWS);
