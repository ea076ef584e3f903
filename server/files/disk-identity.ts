import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError, causeCode } from "@/server/lib/errors";
import { syncFolder } from "./sync-folder";

const ID_FILE = "disk-id";
const ID = /^[0-9a-f-]{36}$/;

/** Codes of file systems without hard links, such as FAT and some network and container mounts. */
const NO_LINKS = new Set(["EPERM", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV"]);
/** For how long a new identity may be incomplete on them. */
const ID_WAIT_MS = 2_000;

/**
 * Returns the identity of the disk with `folder`, and creates it if it has none. Of concurrent processes, the first one
 * wins: creating a hard link is atomic.
 */
export async function diskId(folder: string): Promise<string> {
  const file = path.join(folder, ID_FILE);
  const known = await readIfExists(file);
  if (known) return known;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, randomUUID(), { mode: 0o600, flush: true });
    await link(draft, file).catch(async (error: unknown) => {
      const code = causeCode(error) ?? "";
      if (NO_LINKS.has(code)) await writeNew(file);
      else if (code !== "EEXIST") throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  await syncFolder(folder);
  const id = await readIfExists(file);
  if (!id) throw new AppError("files.no_identity", { file: ID_FILE });
  return id;
}

/** Creates the identity without a hard link: exclusively, but another process may read it before it is complete. */
async function writeNew(file: string): Promise<void> {
  await writeFile(file, randomUUID(), { mode: 0o600, flag: "wx", flush: true }).catch((error: unknown) => {
    if (causeCode(error) !== "EEXIST") throw error;
  });
  for (const end = performance.now() + ID_WAIT_MS; performance.now() < end; await sleep(20)) {
    if (ID.test((await readFile(file, "utf8")).trim())) return;
  }
}

async function readIfExists(file: string): Promise<string | undefined> {
  try {
    const id = (await readFile(file, "utf8")).trim();
    // Another process is creating it.
    if (id === "") return undefined;
    if (!ID.test(id)) throw new AppError("files.no_identity", { file: path.basename(file) });
    return id;
  } catch (error) {
    if (causeCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Codes of an identity that is not there: the disk of `folder` is not mounted, or another one is. */
const ABSENT = new Set(["ENOENT", "ENOTDIR", "EISDIR", "ELOOP"]);

/**
 * Checks that the disk with the identity of a store is mounted at `folder`. A store without an identity is any folder.
 * @throws AppError files.no_identity; the error of the file system if the identity cannot be read
 */
export async function requireDisk(folder: string, storeId: string): Promise<void> {
  if (storeId === "") return;
  const id = await readFile(path.join(folder, ID_FILE), "utf8").catch((error: unknown) => {
    if (ABSENT.has(causeCode(error) ?? "")) return "";
    throw error;
  });
  if (storeId !== `disk:${id.trim()}`) throw new AppError("files.no_identity", { file: ID_FILE });
}
