import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { FileStore } from "@/server/files";
import { monthFolder, SEGMENTS, type Writing } from "./store-segment";

/** Queries that started before a segment was replaced may read its file for this long. */
const GRACE = "15 minutes";
/** A file without a record may be that of a writer that lost the right, and cannot record it any more. */
const ORPHAN_AGE_MS = 60 * 60_000;

/** Removes the files of replaced segments, and their records. */
export async function removeReplaced({ ctx, session }: Writing, grace = GRACE): Promise<void> {
  const stores = ctx.files.all.map(({ id }) => id);
  const replaced = await session.sql<{ id: string; store: string; path: string }[]>`
    select id, store, path
    from segments
    where replaced_at < now() - ${grace}::interval and store = any(${stores}::text[])`;
  for (const { id, store, path } of replaced) {
    await (await ctx.files.of(store)).remove(path);
    await session.sql`delete from segments where id = ${id}`;
  }
}

/** Removes files that dead writers left: complete ones without a record, and incomplete ones. */
export async function removeOrphans(writing: Writing, orphanAgeMs = ORPHAN_AGE_MS): Promise<void> {
  for (const store of writing.ctx.files.all) {
    await removeUnrecorded(writing, store, orphanAgeMs);
    for (const folder of await monthFolders(writing)) await store.removeIncomplete(folder, async () => false);
  }
}

async function removeUnrecorded(
  { ctx, session, signal }: Writing,
  store: FileStore,
  orphanAgeMs: number,
): Promise<void> {
  const recorded = await session.sql<{ path: string }[]>`select path from segments where store = ${store.id}`;
  const known = new Set(recorded.map(({ path }) => path));
  for await (const { key, modifiedAt } of store.list(SEGMENTS)) {
    signal.throwIfAborted();
    if (known.has(key) || ctx.now().getTime() - modifiedAt.getTime() < orphanAgeMs) continue;
    await store.remove(key);
  }
}

async function monthFolders({ session }: Writing): Promise<string[]> {
  const months = await session.sql<{ month: string }[]>`
    select distinct to_char(hour at time zone 'UTC', 'YYYY-MM') as month from segment_hours order by 1`;
  return LOG_TABLE_NAMES.flatMap((table) => months.map(({ month }) => monthFolder(table, month)));
}
