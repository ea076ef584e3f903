import path from "node:path";
import type { Context } from "@/server/process/context";
import { cachedFile } from "./cached-file";
import type { RecordedFile } from "./segment";
import { verifyFile } from "./verify-file";

/**
 * Returns the path of a local file with the content of a recorded one. Its checksum is verified at first use, and again
 * after the file changed. Files of an object store are fetched into a cache of limited size.
 * @throws DamagedFile; AppError files.*; ENOENT or another error of the file system
 */
export async function localFile(ctx: Pick<Context, "files" | "config">, recorded: RecordedFile): Promise<string> {
  const store = await ctx.files.of(recorded.store);
  if (store.target.kind === "s3") return await cachedFile(ctx, store, recorded);
  const file = path.join(store.target.folder, recorded.path);
  await verifyFile(file, recorded);
  return file;
}
