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
  /** Of the compressed file. */
  readonly sha256: string;
  readonly size_bytes: number;
  /** Rows before this time were archived. */
  readonly cutoff: Instant;
  readonly created_at: Instant;
  readonly created_by: string;
  readonly job_id: string;
  readonly columns: readonly string[];
  readonly format: typeof FORMAT;
}

export const FORMAT = {
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
