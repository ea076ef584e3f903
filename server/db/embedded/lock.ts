import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "./processes";

const REFRESH_MS = 2_000;
const EXPIRY_MS = 30_000;
const RETRY_MS = 50;

/**
 * Runs `work` while this process is the only holder of the lock `file`. A lock is taken over if its process has exited,
 * or if it was not refreshed for 30 seconds (the process ID may have been reused).
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
    if ((await readIfExists(file)) === owner) await rm(file, { force: true });
  }
}

/** Creating a hard link is atomic and fails if the target exists. */
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
  const seen = await readIfExists(file);
  if (seen === undefined || !(await isStale(file, seen))) return;
  // The file is moved aside and compared again, because another process may have replaced it in the meantime.
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
    if ((await readIfExists(aside)) !== seen) await take(aside, file);
    await rm(aside, { force: true });
  } catch {
    // Another process removed it first.
  }
}

async function isStale(file: string, content: string): Promise<boolean> {
  const match = /"pid":(\d+),"host":(".*?")/.exec(content);
  if (match && JSON.parse(match[2] ?? "null") === hostname() && !isAlive(Number(match[1]))) return true;
  const age = await stat(file).then(
    (stats) => Date.now() - stats.mtimeMs,
    () => 0,
  );
  return age > EXPIRY_MS;
}

async function touch(file: string): Promise<void> {
  const now = new Date();
  await utimes(file, now, now).catch(() => {});
}

function readIfExists(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(() => undefined);
}
