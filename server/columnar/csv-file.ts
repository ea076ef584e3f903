import { SQL, type SQLWrapper } from "drizzle-orm";
import type { FileColumn } from "./layout";
import { rowsOfCsv } from "./layout";

/** A SELECT of the rows of a local CSV file, which is sent to ClickHouse with the query. */
export class CsvFile implements SQLWrapper {
  constructor(
    readonly table: { readonly columns: readonly FileColumn[] },
    readonly file: string,
    private readonly maxLineBytes: number,
  ) {}

  getSQL(): SQL {
    return rowsOfCsv(this.table, this.file, this.maxLineBytes);
  }

  shouldOmitSQLParens(): boolean {
    return true;
  }
}

/** As rowsOfCsv, for statements of any engine. */
export function csvFileRows(
  table: { readonly columns: readonly FileColumn[] },
  file: string,
  maxLineBytes: number,
): SQL {
  return new SQL([new CsvFile(table, file, maxLineBytes)]);
}
