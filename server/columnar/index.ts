export { noRows as emptyRows } from "./clickhouse/relations";
export { csvFileRows } from "./csv-file";
export { csvFiles } from "./csv-files";
export { CSV_FORMAT, csvColumnCount, csvColumns } from "./csv-rows";
export { InDialects, inDialects, mapChunks } from "./dialect";
export type { ColumnarEngine, ColumnarOptions, ColumnarRow, QueryEngine } from "./engine";
export { forUser } from "./for-user";
export {
  beforeFirst,
  contains,
  endsWithText,
  lengthOf,
  letBe,
  matchesWhole,
  microsOf,
  notMaterialized,
  positionOf,
  replaceMatches,
  slice,
  startsWithText,
  textOfJsonString,
  wholeQuotient,
} from "./functions";
export { addressBytesName, duckdbType, type FileColumn, isAddress, rowsOfCsv } from "./layout";
export { openColumnarEngine } from "./open-engine";
export { parquetFiles } from "./parquet-files";
export { makeTurns } from "./turns";
export { copyToParquet, maxRowBytes, writeParquet } from "./write-parquet";
