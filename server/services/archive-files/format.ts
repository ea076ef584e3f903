import type { ArchiveFormat } from "@/server/catalog/archive-formats";

export const CONTENT_TYPES = {
  parquet: "application/vnd.apache.parquet",
  "csv.gz": "application/gzip",
} as const satisfies Record<ArchiveFormat, string>;

export function archivePath(table: string, month: string, id: string, format: ArchiveFormat): string {
  return `archives/${table}/${month}/${table}-${month}-${id}.${format}`;
}

/** The format of an archive's file, by its key. */
export function archiveFormat(path: string): ArchiveFormat {
  return path.endsWith(".parquet") ? "parquet" : "csv.gz";
}

/** The key of the same archive's file in a format. */
export function archivePathIn(path: string, format: ArchiveFormat): string {
  return `${path.slice(0, -archiveFormat(path).length)}${format}`;
}

/** The key of an archive's manifest. Both formats of one archive can exist while it is converted. */
export function manifestPath(path: string): string {
  return archiveFormat(path) === "parquet" ? `${path}.manifest.json` : path.replace(/\.csv\.gz$/, ".manifest.json");
}

/** The key of the archive file to which a file in its folder belongs: the file itself, or that of its manifest. */
export function archiveOf(key: string): string {
  return key.replace(/\.parquet\.manifest\.json$/, ".parquet").replace(/\.manifest\.json$/, ".csv.gz");
}
