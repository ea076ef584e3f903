import { z } from "zod";

/** The version of the layout of a backup. */
const FORMAT = 1;

export const HEADER = "backup.json";
export const SECRET = "secret";
/** The folder of the files of exports and archives. */
export const FILES = "files/";
export const MANIFEST = "manifest.json";

const dumpedTable = z.object({
  name: z.string(),
  columns: z.array(z.string()),
  /** The partitioned table and month of a partition. */
  partition: z.object({ table: z.string(), month: z.string() }).nullable(),
});
/** A table or partition, in the order in which rows can be inserted. */
export type DumpedTable = z.infer<typeof dumpedTable>;

/** The first entry of a backup. */
export const backupHeader = z.object({
  format: z.literal(FORMAT),
  /** The version of the product that created it. */
  version: z.string(),
  /** The number of the last migration. */
  schema: z.number().int(),
  /** The time of the snapshot. */
  created_at: z.string(),
  tables: z.array(dumpedTable),
  /** The file stores that the records of files name. */
  stores: z.array(z.object({ id: z.string(), location: z.string() })),
});
export type BackupHeader = z.infer<typeof backupHeader>;

const dumpedFile = z.object({
  /** `exports/…` or `archives/…` */
  key: z.string(),
  /** The ID of the store that contained it. */
  store: z.string().nullable(),
  /**
   * `listed`: not included, because it was not requested or is on another machine's disk; `removed`: its record was
   * deleted after the snapshot; `missing`: its store does not contain it.
   */
  state: z.enum(["included", "listed", "removed", "missing"]),
});
export type DumpedFile = z.infer<typeof dumpedFile>;

/** The last entry of a backup. A backup without it is incomplete. */
export const backupManifest = z.object({
  entries: z.array(z.object({ name: z.string(), size_bytes: z.number(), sha256: z.string() })),
  tables: z.array(z.object({ name: z.string(), rows: z.number() })),
  sequences: z.array(z.object({ table: z.string(), column: z.string(), last_value: z.string() })),
  files: z.array(dumpedFile),
});
export type BackupManifest = z.infer<typeof backupManifest>;
export type BackupEntry = BackupManifest["entries"][number];

/** What a command prints about a backup. */
export interface BackupSummary {
  readonly version: string;
  readonly schema: number;
  readonly created_at: string;
  readonly rows: number;
  readonly files: Readonly<Record<DumpedFile["state"], number>>;
}

export function summaryOf({ version, schema, created_at }: BackupHeader, manifest: BackupManifest): BackupSummary {
  const files = { included: 0, listed: 0, removed: 0, missing: 0 };
  for (const { state } of manifest.files) files[state]++;
  return { version, schema, created_at, rows: manifest.tables.reduce((sum, { rows }) => sum + rows, 0), files };
}
