export { csvFiles } from "./csv-files";
export { CSV_FORMAT, csvColumnCount, csvColumns } from "./csv-rows";
export type { ColumnarEngine, ColumnarOptions, ColumnarRow } from "./engine";
export { forUser } from "./for-user";
export { addressBytesName, duckdbType, type FileColumn, isAddress, rowsOfCsv } from "./layout";
export { openColumnarEngine } from "./open-engine";
export { makeTurns } from "./turns";
export { copyToParquet, maxRowBytes, writeParquet } from "./write-parquet";
