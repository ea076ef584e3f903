import { randomUUID } from "node:crypto";
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { causeCode } from "@/server/lib/errors";
import { isCompressed } from "@/server/services/intake";
import { findInputFiles } from "../input-files";
import { compareFiles, isRotationOf } from "../rotation-order";
import { matches, readHead } from "./file-head";
import { type Following, followFile } from "./follow-file";
import type { Position } from "./position-store";

const SCAN_MS = 500;
/** How long a file that was replaced is watched for lines of a writer that still has it open. */
const LINGER_MS = 30_000;

interface Followed {
  readonly position: Position;
  /** Whether another file has its place, or none. */
  isReplaced: boolean;
  isTruncated: boolean;
  isEnded: boolean;
  hasFailed: boolean;
  /** Resolves when the file was read to its end, which only happens after it was replaced. */
  read: Promise<void>;
  counts?: Uint32Array;
}

/**
 * Reads files while they are written, until `signal` aborts: new files that match, files that are rotated by renaming
 * or by copying and truncating, and files that were rotated since the last run.
 * @returns the number of files that could not be read further
 */
export async function follow(names: readonly string[], following: Following): Promise<number> {
  const { signal, store, note } = following;
  /** The files that are read, by the path where they were found. */
  const current = new Map<string, Followed>();
  const known = new Map<string, Followed>();
  const unclaimed = new Set(store.all);
  const checked = new Set<string>();
  const noted = new Set<string>();
  const running = new Set<Promise<void>>();
  let failed = 0;

  const start = (file: string, position: Position, handle: FileHandle, isReplaced: boolean, before?: Followed) => {
    const followed: Followed = {
      position,
      isReplaced,
      isTruncated: false,
      isEnded: false,
      hasFailed: false,
      read: Promise.resolve(),
    };
    const { promise, resolve } = withResolvers();
    followed.read = promise;
    const run = readFile(followed, handle, before, following, resolve)
      .then((error) => {
        if (error !== undefined) {
          failed++;
          followed.hasFailed = true;
          note(`${file}: ${error} It is not read further.`);
        }
      })
      .finally(() => {
        resolve();
        running.delete(run);
      });
    running.add(run);
    known.set(keyOf(position), followed);
    return followed;
  };

  /** Starts to read a file, after what replaced it before was read to its end. */
  const take = async (file: string, isReplaced: boolean, before?: Followed): Promise<Followed | undefined> => {
    const opened = await openFile(file, noted, note);
    if (!opened) return undefined;
    const { handle, identity } = opened;
    for (const position of unclaimed) {
      if (!(await matches(file, position, false))) continue;
      unclaimed.delete(position);
      Object.assign(position, { path: file, dev: identity.dev, isClosed: false });
      note(`${file}: continued after ${position.records} records.`);
      return start(file, position, handle, isReplaced, before);
    }
    const position: Position = {
      id: randomUUID(),
      path: file,
      ...identity,
      records: 0,
      bytes: 0,
      detected: before?.position.detected,
      hasCounts: false,
      isClosed: false,
    };
    note(`${file}: followed from its beginning.`);
    return start(file, position, handle, isReplaced, before);
  };

  /** A file that was read to its end is known until another gets its inode. */
  const isKnown = async (file: string, place: string): Promise<boolean> => {
    const followed = known.get(place);
    if (!followed?.isEnded || followed.hasFailed) return followed !== undefined;
    if (await matches(file, followed.position, false)) return true;
    known.delete(place);
    return false;
  };

  /**
   * Reads the rest of the files that were at this path before, and those that replaced them since, oldest first.
   * @param positions of files that were at this path
   * @returns the last of these files
   */
  const catchUp = async (file: string, positions: readonly Position[]): Promise<Followed | undefined> => {
    const siblings = await siblingsOf(file);
    const found = new Map<string, { position: Position; isCopy: boolean }>();
    for (const position of positions) {
      const place = await findFile(siblings, position);
      if (place) found.set(place.file, { position, isCopy: place.isCopy });
      else if (unclaimed.delete(position)) {
        if (!position.isClosed)
          note(
            `${file}: the file that was read before was rotated and is no longer there. Its records after ${position.records} may not have been read.`,
          );
        await store.remove(position.id);
      }
    }
    const isUnread = (sibling: string) => found.get(sibling)?.position.isClosed === false;
    const firstUnread = siblings.findIndex(isUnread);
    const lastFound = siblings.findLastIndex((sibling) => found.has(sibling));
    if (lastFound === -1) return undefined;
    let before: Followed | undefined;
    for (const sibling of siblings.slice(firstUnread === -1 ? lastFound : firstUnread)) {
      const { position, isCopy = false } = found.get(sibling) ?? {};
      const place = await placeOf(sibling);
      if (position?.isClosed || place === undefined) continue;
      if (!isCopy) {
        const other = (await isKnown(sibling, place)) ? known.get(place) : await take(sibling, true, before);
        if (other) other.isReplaced = true;
        before = other ?? before;
        continue;
      }
      const opened = await openFile(sibling, noted, note);
      if (!opened || !position) continue;
      // A copy continues with the position of the file that was truncated.
      const copy = { ...position, id: randomUUID(), path: sibling, ...opened.identity, hasCounts: false };
      await store.save(copy);
      await store.remove(position.id);
      unclaimed.delete(position);
      before = start(sibling, copy, opened.handle, true);
    }
    return before;
  };

  /** The file that was at this path before, in an earlier run, if it is another one. */
  const predecessorOf = async (file: string): Promise<Followed | undefined> => {
    if (checked.has(file)) return undefined;
    checked.add(file);
    for (const position of unclaimed) if (await matches(file, position, false)) return undefined;
    const positions = store.all.filter((position) => position.path === file || isRotationOf(position.path, file));
    return await catchUp(file, positions);
  };

  const scan = async () => {
    for (const [file, followed] of current) {
      if (followed.hasFailed) continue;
      const place = await placeOf(file);
      let before: Followed | undefined = followed;
      if (followed.isTruncated) {
        note(`${file}: truncated.`);
        await followed.read;
        // What was not read before is in the copy.
        before = (await catchUp(file, [followed.position])) ?? followed;
      } else if (place === keyOf(followed.position)) {
        if (!followed.isEnded) continue;
        // It was unavailable for a while.
        known.delete(place);
        unclaimed.add(followed.position);
        before = undefined;
      } else {
        followed.isReplaced = true;
        if (place === undefined || (await isKnown(file, place))) continue;
        // It may have been rotated more than once.
        before = (await catchUp(file, [followed.position])) ?? followed;
      }
      const next = await take(file, false, before);
      if (next) current.set(file, next);
    }
    for (const name of (await findInputFiles(names)).files) {
      const file = path.resolve(name);
      const place = await placeOf(file);
      if (place === undefined || current.has(file) || (await isKnown(file, place))) continue;
      const followed = await take(file, false, await predecessorOf(file));
      if (followed) current.set(file, followed);
    }
  };

  while (!signal.aborted) {
    await scan();
    await sleep(SCAN_MS, undefined, { signal }).catch(() => {});
  }
  await Promise.all(running);
  return failed;
}

/** @returns the reason why the file is not read further; undefined after its end or that of the command */
async function readFile(
  followed: Followed,
  handle: FileHandle,
  before: Followed | undefined,
  following: Following,
  onRead: () => void,
): Promise<string | undefined> {
  const { signal, store } = following;
  const { position } = followed;
  const isEnding = () => followed.isReplaced;
  try {
    await before?.read;
    let earlierCounts = position.hasCounts ? await store.loadCounts(position.id) : undefined;
    if (before?.counts && position.records === 0 && !position.hasCounts) {
      earlierCounts = before.counts;
      await store.saveCounts(position.id, earlierCounts);
      position.hasCounts = true;
    }
    if (position.records === 0) position.detected ??= before?.position.detected;
    await store.save(position);
    for (let deadline = 0, isFinal = false; !signal.aborted; ) {
      const read = await followFile(following, { handle, position, earlierCounts, isEnding, isFinal });
      followed.counts = read.counts;
      followed.isTruncated = read.isTruncated;
      onRead();
      // A disk that fails is tried again.
      if (read.error) return read.error.code === "cli.unreadable" ? undefined : read.error.message;
      if (read.isTruncated) await store.remove(position.id);
      if (read.isTruncated || isFinal) break;
      deadline = Date.now() + LINGER_MS;
      const size = (await handle.stat()).size;
      while (!signal.aborted && Date.now() < deadline && (await handle.stat()).size === size)
        await sleep(SCAN_MS, undefined, { signal }).catch(() => {});
      if (signal.aborted) break;
      const hasGrown = (await handle.stat()).size !== size;
      if (!hasGrown && size <= position.bytes) break;
      // A last line without a line feed is complete when nobody writes to the file any more.
      isFinal = !hasGrown;
    }
    if (!signal.aborted && !followed.isTruncated) {
      position.isClosed = true;
      await store.save(position);
    }
    return undefined;
  } finally {
    followed.isEnded = true;
    await handle.close();
  }
}

/** Files that cannot be read are tried again. @param noted the files for which the user was given the reason */
async function openFile(file: string, noted: Set<string>, note: (line: string) => void) {
  let problem: string;
  try {
    const handle = await open(file, "r");
    const stats = await handle.stat({ bigint: true });
    const { buffer } = await handle.read(Buffer.alloc(6), 0, 6, 0);
    const reason = !stats.isFile()
      ? "it is not a regular file"
      : isCompressed(buffer) && "it is compressed; import it without --follow";
    if (!reason) {
      return { handle, identity: { dev: String(stats.dev), ino: String(stats.ino), ...(await readHead(handle)) } };
    }
    await handle.close();
    problem = `${file} is not followed: ${reason}.`;
  } catch (error) {
    problem = `${file} cannot be read: ${causeCode(error) ?? "unknown error"}.`;
  }
  if (!noted.has(file)) note(problem);
  noted.add(file);
  return undefined;
}

/** The rotated files of a log in its folder, oldest first. */
async function siblingsOf(file: string): Promise<string[]> {
  const folder = path.dirname(file);
  const names = await readdir(folder).catch(() => []);
  return names
    .map((name) => path.join(folder, name))
    .filter((sibling) => isRotationOf(sibling, file))
    .sort(compareFiles);
}

async function findFile(files: readonly string[], position: Position) {
  for (const isCopy of [false, true]) {
    for (const file of files) if (await matches(file, position, isCopy)) return { file, isCopy };
  }
  return undefined;
}

function keyOf({ dev, ino }: Position): string {
  return `${dev}:${ino}`;
}

async function placeOf(file: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(file, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
