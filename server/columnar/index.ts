export { CSV_FORMAT, csvColumns } from "./csv-rows";
export type { ColumnarEngine, ColumnarOptions, ColumnarRow, ColumnarValue } from "./engine";
export { forUser } from "./for-user";
export { addressBytesName, duckdbType, isAddress, rowsOfCsv } from "./layout";
export { openColumnarEngine } from "./open-engine";
export { copyToParquet, mergeParquet, writeParquet } from "./write-parquet";
