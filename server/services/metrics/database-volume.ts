import { stat } from "node:fs/promises";
import type { Context } from "@/server/process/context";

const OWN_HOSTS = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** The data directory of PostgreSQL when it runs on this machine and reports it; null when the volume is unknown. */
export async function databaseVolume(ctx: Context): Promise<string | null> {
  if (!OWN_HOSTS.has(new URL(ctx.db.url).hostname)) return null;
  const [row] = await ctx.db.sql<{ folder: string | null }[]>`
    select case when pg_has_role('pg_read_all_settings', 'usage') then current_setting('data_directory') end as folder`;
  const folder = row?.folder ?? null;
  // PostgreSQL may run in a container: its folder then does not exist here.
  return folder !== null && (await isFolder(folder)) ? folder : null;
}

async function isFolder(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).isDirectory();
  } catch {
    return false;
  }
}
