import type { BrowsedTable } from "@/server/catalog";
import type { ArchiveFormat } from "@/server/catalog/archive-formats";
import { addressBytesName, isAddress } from "@/server/columnar";
import type { Instant } from "@/server/lib/time";

/** The manifest beside each archive file, which makes it readable without this program and its database. */
export interface Manifest {
  readonly id: string;
  readonly file: string;
  readonly table: string;
  readonly month: string;
  readonly rows: number;
  readonly first_time: Instant;
  readonly last_time: Instant;
  /** Of the file. */
  readonly sha256: string;
  readonly size_bytes: number;
  /** Rows before this time were archived. */
  readonly cutoff: Instant;
  readonly created_at: Instant;
  readonly created_by: string;
  readonly job_id: string | null;
  readonly columns: readonly string[];
  readonly format: (typeof FORMATS)[ArchiveFormat];
}

const CSV = {
  name: "PostgreSQL CSV, gzip",
  encoding: "UTF-8",
  header: true,
  delimiter: ",",
  quote: '"',
  escape: '"',
  line_end: "\n",
  null: "nothing between the commas; an empty text is two quotes",
  times: "UTC with microseconds, as PostgreSQL writes timestamptz",
  json: "JSON text",
  order: "created_at, id",
  load: "COPY table (columns) FROM 'file' WITH (FORMAT csv, HEADER true)",
} as const;

const PARQUET = {
  name: "Parquet",
  compression: "zstd",
  times: "UTC with microseconds",
  json: "JSON text, as PostgreSQL writes jsonb",
  addresses: "text; NAME_bytes: a byte 4 or 6, then the bytes of the address; null for other text",
  order: "created_at, id",
} as const;

export const FORMATS = { parquet: PARQUET, "csv.gz": CSV } as const satisfies Record<ArchiveFormat, object>;

/** The columns of a table's Parquet files, in order. */
export function parquetColumnNames({ columns }: BrowsedTable): string[] {
  return [...columns.map(({ name }) => name), ...columns.filter(isAddress).map(addressBytesName)];
}

/** The bytes of a manifest. */
export async function* manifestBytes(manifest: Manifest): AsyncGenerator<Buffer, void> {
  yield Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
}
