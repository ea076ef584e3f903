import { sql } from "drizzle-orm";
import type { SqlExecutor } from "@/server/db/client";
import { exportFiles } from "@/server/db/schema";
import type { Instant } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { cursorPaginate, type PagedSource } from "@/server/services/logs";
import type { ExportManifest, ExportPage, ExportRecord, ExportsQuery } from "./contract";
import { filePathOf } from "./files/folder";

/** A row of `exports`, with times as Instants. */
export interface ExportRow extends Omit<ExportRecord, "export_id" | "file_path" | "download_url"> {
  readonly id: string;
  /** The ID of the file's store. */
  readonly store: string | null;
}

/** An export and the store of its file. */
export type StoredExport = ExportRecord & Pick<ExportRow, "store">;

const source: PagedSource = {
  name: "exports",
  from: sql`${exportFiles}`,
  columns: [
    { name: "id", type: "uuid" },
    { name: "export_type", type: "text" },
    { name: "format", type: "text" },
    { name: "file_name", type: "text" },
    { name: "store", type: "text" },
    { name: "row_count", type: "bigint" },
    { name: "size_bytes", type: "bigint" },
    { name: "sha256", type: "text" },
    { name: "requested_by", type: "text" },
    { name: "created_at", type: "timestamptz" },
    { name: "expires_at", type: "timestamptz" },
    { name: "downloads", type: "integer" },
    { name: "last_downloaded_at", type: "timestamptz" },
    { name: "manifest", type: "jsonb" },
  ],
  sortKeys: ["created_at", "id"],
};

/**
 * Lists the exports available for download, newest first.
 * @throws AppError BAD_REQUEST for a cursor of another list
 */
export async function listExports(ctx: Context, query: ExportsQuery): Promise<ExportPage> {
  const { items, next_cursor, prev_cursor } = await cursorPaginate<ExportRow>(ctx, source, {
    conditions: [sql`expires_at > now()`],
    scope: [],
    descending: true,
    pageSize: query.limit,
    cursor: query.cursor,
  });
  return { items: items.map(toRecord), next_cursor, prev_cursor };
}

export type ExportKey = { readonly id: string } | { readonly fileName: string };

/** Returns the available export with this id or file; undefined if there is none. */
export async function findExport(ctx: Context, key: ExportKey): Promise<StoredExport | undefined> {
  const page = await cursorPaginate<ExportRow>(ctx, source, {
    conditions: ["id" in key ? sql`id::text = ${key.id}` : sql`file_name = ${key.fileName}`, sql`expires_at > now()`],
    scope: [],
    descending: true,
    pageSize: 1,
  });
  return page.items.map((row) => ({ ...toRecord(row), store: row.store }))[0];
}

function toRecord({ id, store: _store, ...row }: ExportRow): ExportRecord {
  return { export_id: id, ...row, file_path: filePathOf(row.file_name), download_url: downloadUrl(row.file_name) };
}

/** Relative, because browsers and programs may reach the server by different names. */
export function downloadUrl(fileName: string): string {
  return `/api/v1/batch-processing/download?file_path=${encodeURIComponent(filePathOf(fileName))}`;
}

/** Stores the record of a finished file; a repeated export replaces its own record. */
export async function saveExport(
  tx: SqlExecutor,
  manifest: ExportManifest,
  { store, createdAt, expiresAt }: { store: string; createdAt: Instant; expiresAt: Instant },
): Promise<void> {
  await tx`
    insert into exports (
      id, file_name, store, export_type, format, manifest, row_count, size_bytes, sha256, requested_by, created_at,
      expires_at
    )
    values (
      ${manifest.export_id}, ${manifest.file_name}, ${store}, ${manifest.export_type}, ${manifest.format},
      ${JSON.stringify(manifest)}::text::jsonb, ${manifest.row_count}, ${manifest.size_bytes}, ${manifest.sha256},
      ${manifest.requested_by}, ${createdAt}, ${expiresAt}
    )
    on conflict (id) do update
    set manifest = excluded.manifest,
      file_name = excluded.file_name,
      store = excluded.store,
      row_count = excluded.row_count,
      size_bytes = excluded.size_bytes,
      sha256 = excluded.sha256,
      expires_at = excluded.expires_at`;
}
