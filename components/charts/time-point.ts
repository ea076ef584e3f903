/** The values of a chart in a bucket of time, by series. */
export interface TimePoint {
  readonly at: string;
  /** Exclusive. */
  readonly end: string;
  readonly [series: string]: number | string | null;
}
