/**
 * The formats of archive files: the Parquet files of server/columnar/layout.ts, and PostgreSQL's CSV, as in version 0.1
 * and where the columnar engine was unavailable.
 */
export const ARCHIVE_FORMATS = ["parquet", "csv.gz"] as const;
export type ArchiveFormat = (typeof ARCHIVE_FORMATS)[number];
