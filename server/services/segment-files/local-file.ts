import path from "node:path";
import type { Context } from "@/server/process/context";
import { cachedCopy, cachedFile } from "./cached-file";
import type { RecordedFile } from "./segment";
import { verifyFile } from "./verify-file";

type Files = Pick<Context, "files" | "config">;

/**
 * Returns the path of a local file with the content of a recorded one. Its checksum is verified at first use, and again
 * after the file changed. Files of an object store are fetched into a cache of limited size.
 * @param signal ends the wait for it
 * @throws DamagedFile; AppError files.*, columnar.no_cache_space; ENOENT or another error of the file system; the
 * signal's reason
 */
export async function localFile(ctx: Files, recorded: RecordedFile, signal?: AbortSignal): Promise<string> {
  const store = await ctx.files.of(recorded.store);
  if (store.target.kind === "s3") return await cachedFile(ctx, store, recorded, { signal });
  return await fileOnDisk(store.target.folder, recorded);
}

/** Like localFile; undefined for a file that must be fetched first. */
export async function availableFile(ctx: Files, recorded: RecordedFile): Promise<string | undefined> {
  const { target } = await ctx.files.of(recorded.store);
  return target.kind === "s3" ? await cachedCopy(ctx, recorded) : await fileOnDisk(target.folder, recorded);
}

async function fileOnDisk(folder: string, recorded: RecordedFile): Promise<string> {
  const file = path.join(folder, recorded.path);
  await verifyFile(file, recorded);
  return file;
}
