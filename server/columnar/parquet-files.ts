import { SQL, type SQLWrapper, sql } from "drizzle-orm";
import type { BrowsedTable } from "@/server/catalog";

/** The rows of Parquet files of a log table, with the columns of server/columnar/layout.ts, as a table expression. */
export class ParquetFiles implements SQLWrapper {
  /** @param paths of local files; for ClickHouse, keys in the object store */
  constructor(
    readonly table: Pick<BrowsedTable, "columns">,
    readonly paths: readonly string[],
  ) {}

  getSQL(): SQL {
    const list = this.paths.map((path) => sql`${path}`);
    return sql`read_parquet([${sql.join(list, sql`, `)}], hive_partitioning = false)`;
  }

  shouldOmitSQLParens(): boolean {
    return true;
  }
}

export function parquetFiles(table: Pick<BrowsedTable, "columns">, paths: readonly string[]): SQL {
  return new SQL([new ParquetFiles(table, paths)]);
}
