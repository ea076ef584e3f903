import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { isAlive } from "@/server/db/embedded/processes";

const REFRESH_MS = 10 * 60_000;
/** Another process may have the ID of a dead one, or run on another machine. */
const EXPIRY_MS = 24 * 3_600_000;

export interface TemporaryFolders {
  /** Creates a folder. The first call removes those of dead processes. */
  make(): Promise<string>;
  /** Removes all. */
  close(): Promise<void>;
}

/** The folders of this process, which may open several engines. */
const own = new Set<string>();

/** Folders in `root`, which processes share, in a folder with the host and ID of this process in its name. */
export function makeTemporaryFolders(root: string): TemporaryFolders {
  const host = hostname().replaceAll(/[^A-Za-z0-9.]/g, "_");
  const name = `${host}-${process.pid}-${randomUUID()}`;
  const folder = path.join(root, name);
  let opening: Promise<NodeJS.Timeout> | undefined;

  async function open(): Promise<NodeJS.Timeout> {
    own.add(name);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await removeDead(root, host);
    const refresh = setInterval(() => void utimes(folder, new Date(), new Date()).catch(() => {}), REFRESH_MS);
    return refresh.unref();
  }

  return {
    async make() {
      opening ??= open().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      await opening;
      const made = path.join(folder, randomUUID());
      await mkdir(made, { recursive: true, mode: 0o700 });
      return made;
    },
    async close() {
      clearInterval(await opening?.catch(() => undefined));
      await rm(folder, { recursive: true, force: true });
      own.delete(name);
    },
  };
}

async function removeDead(root: string, host: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (own.has(name)) continue;
    const folder = path.join(root, name);
    if (isOfDeadProcess(name, host) || (await isExpired(folder))) await rm(folder, { recursive: true, force: true });
  }
}

function isOfDeadProcess(name: string, host: string): boolean {
  const [, owner, pid] = /^(.+?)-(\d+)-[\da-f-]{36}$/.exec(name) ?? [];
  // In a container, a process often has the ID of the one before it.
  return owner === host && (Number(pid) === process.pid || !isAlive(Number(pid)));
}

async function isExpired(folder: string): Promise<boolean> {
  const status = await stat(folder).catch(() => undefined);
  return status !== undefined && Date.now() - status.mtimeMs > EXPIRY_MS;
}
