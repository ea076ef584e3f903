/** The values of a chart in a bucket of time, by series. */
export interface TimePoint {
  readonly at: string;
  /** Exclusive. */
  readonly end: string;
  readonly [series: string]: number | string | null;
}

/** A series of a chart over time. */
export interface TimeSeries {
  readonly name: string;
  readonly label: string;
  /** Any CSS color. */
  readonly color: string;
}
