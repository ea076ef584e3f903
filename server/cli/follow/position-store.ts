import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { INTAKE_FORMATS } from "@/server/catalog/formats";

/** How far a file was read. Records that were stored after it was written are recognised when they are read again. */
export const position = z.object({
  id: z.string(),
  path: z.string(),
  dev: z.string(),
  ino: z.string(),
  /** The hash of the first bytes of the file, and how many. */
  head: z.string(),
  headBytes: z.int(),
  records: z.int(),
  /** At least the bytes of these records. */
  bytes: z.int(),
  detected: z.object({ format: z.enum(INTAKE_FORMATS), preset: z.string().optional() }).optional(),
  /** Whether the file continues another, whose counts are in the file of the same name with the extension `counts`. */
  hasCounts: z.boolean(),
  /** Whether the file was replaced by another and read to its end. */
  isClosed: z.boolean(),
});
export type Position = z.infer<typeof position>;

export interface PositionStore {
  readonly all: readonly Position[];
  save(entry: Position): Promise<void>;
  saveCounts(id: string, counts: Uint32Array): Promise<void>;
  loadCounts(id: string): Promise<Uint32Array | undefined>;
  remove(id: string): Promise<void>;
}

/**
 * Opens the positions of followed files in `folder`, one JSON file each.
 * @param key distinguishes independent readings of the same file, such as those into another table
 */
export async function openPositions(folder: string, key: readonly unknown[]): Promise<PositionStore> {
  const own = path.join(folder, createHash("sha256").update(JSON.stringify(key)).digest("hex").slice(0, 16));
  await mkdir(own, { recursive: true, mode: 0o700 });
  const all: Position[] = [];
  for (const name of await readdir(own)) {
    if (!name.endsWith(".json")) continue;
    const read = position.safeParse(parse(await readFile(path.join(own, name), "utf8")));
    if (read.success) all.push(read.data);
  }
  const fileOf = (id: string, extension: string) => path.join(own, `${id}.${extension}`);
  return {
    all,
    save: (entry) => replace(fileOf(entry.id, "json"), JSON.stringify(entry)),
    saveCounts: (id, counts) => replace(fileOf(id, "counts"), new Uint8Array(counts.buffer)),
    loadCounts: async (id) => {
      const bytes = await readFile(fileOf(id, "counts")).catch(() => undefined);
      return bytes && new Uint32Array(new Uint8Array(bytes).buffer);
    },
    remove: async (id) => {
      await rm(fileOf(id, "json"), { force: true });
      await rm(fileOf(id, "counts"), { force: true });
    },
  };
}

/** The old or the new content survives a crash, never a part. */
async function replace(file: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(`${file}.new`, "w", 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
