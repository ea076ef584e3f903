export interface TimePoint {
  readonly at: string;
  /** Exclusive. */
  readonly end: string;
  readonly [series: string]: number | string | null;
}

export interface TimeSeries {
  readonly name: string;
  readonly label: string;
  readonly color: string;
}
