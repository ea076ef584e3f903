export interface TimeSeries {
  readonly name: string;
  readonly label: string;
  readonly color: string;
}
