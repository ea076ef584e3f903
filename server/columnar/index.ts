export type { ColumnarEngine, ColumnarOptions, ColumnarRow, ColumnarValue } from "./engine";
export { addressBytesName, duckdbType, isAddress, rowsOfCsv } from "./layout";
export { openColumnarEngine } from "./open-engine";
