import { stat } from "node:fs/promises";
import path from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { compareFiles } from "./rotation-order";

/** The files that a command was given. */
export interface InputFiles {
  /** In the order in which they are read: by name, rotated files of a log oldest first; each file once. */
  readonly files: readonly string[];
  /** Patterns that match no file. */
  readonly unmatched: readonly string[];
  /** Files that were named more than once, also by another path or a link. */
  readonly repeated: readonly string[];
}

/**
 * Expands patterns such as `logs/access.log*`, which the shells of Windows, and others in quotes, do not expand. The
 * name of an existing file is no pattern.
 */
export async function findInputFiles(names: readonly string[]): Promise<InputFiles> {
  const found: string[] = [];
  const unmatched: string[] = [];
  for (const name of names) {
    if ((await identityOf(name)) !== undefined || !isPattern(name)) {
      found.push(name);
      continue;
    }
    const matches = await expand(name);
    if (matches.length === 0) unmatched.push(name);
    found.push(...matches);
  }
  const files: string[] = [];
  const repeated: string[] = [];
  const seen = new Set<string>();
  for (const file of found.sort(compareFiles)) {
    const identity = (await identityOf(file)) ?? path.resolve(file);
    if (seen.has(identity)) repeated.push(file);
    else files.push(file);
    seen.add(identity);
  }
  return { files, unmatched, repeated };
}

/** Whether the name contains `*`, `?`, `[…]`, `{…}` and so on. */
function isPattern(name: string): boolean {
  return isDynamicPattern(slashed(name));
}

async function expand(pattern: string): Promise<string[]> {
  const matches = await glob(slashed(pattern), { expandDirectories: false, absolute: path.isAbsolute(pattern) });
  return matches.map((match) => path.normalize(match));
}

function slashed(pattern: string): string {
  return process.platform === "win32" ? pattern.replaceAll("\\", "/") : pattern;
}

async function identityOf(file: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(file, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
