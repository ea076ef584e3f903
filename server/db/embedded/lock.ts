import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "./processes";

const REFRESH_MS = 2_000;
const STALE_MS = 30_000;
const RETRY_MS = 50;

/**
 * Runs `work` while no other process holds `file`. A lock whose process is gone, or that nobody has
 * refreshed for 30 s (its process number was given to another), is taken over.
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const owner = JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() });
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, owner, { mode: 0o600 });
  try {
    while (!(await take(draft, file))) {
      await removeStale(file);
      await sleep(RETRY_MS);
      const now = new Date();
      await utimes(draft, now, now);
    }
  } finally {
    await rm(draft, { force: true });
  }
  const refresh = setInterval(() => void touch(file), REFRESH_MS);
  try {
    return await work();
  } finally {
    clearInterval(refresh);
    if ((await readIfThere(file)) === owner) await rm(file, { force: true });
  }
}

/** A hard link appears whole or not at all, and not where a file is already. */
async function take(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function removeStale(file: string): Promise<void> {
  const seen = await readIfThere(file);
  if (seen === undefined || !(await isStale(file, seen))) return;
  // Moved aside and looked at again: in between another process may have taken it over.
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
    if ((await readIfThere(aside)) !== seen) await take(aside, file);
    await rm(aside, { force: true });
  } catch {
    // Another process was faster.
  }
}

async function isStale(file: string, content: string): Promise<boolean> {
  const match = /"pid":(\d+),"host":(".*?")/.exec(content);
  if (match && JSON.parse(match[2] ?? "null") === hostname() && !isAlive(Number(match[1]))) return true;
  const age = await stat(file).then(
    (stats) => Date.now() - stats.mtimeMs,
    () => 0,
  );
  return age > STALE_MS;
}

async function touch(file: string): Promise<void> {
  const now = new Date();
  await utimes(file, now, now).catch(() => {});
}

function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(() => undefined);
}
