import path from "node:path";
import type { Config } from "@/server/process/config";

/** The prefix of the keys of exports. */
export const EXPORTS = "exports/";

/** The key of an export's file in its store, which is also its external path. */
export function filePathOf(fileName: string): string {
  return `${EXPORTS}${fileName}`;
}

/**
 * Returns the file name of `filePath`, which must exactly equal an export's file_path or its absolute path on a disk. No
 * path is built from user input: the name is looked up among the exports, and no other file is opened.
 */
export function fileNameOf(config: Pick<Config, "dataDir">, filePath: string): string | undefined {
  const prefixes = [EXPORTS, path.join(config.dataDir, EXPORTS)];
  const prefix = prefixes.find((start) => filePath.startsWith(start));
  const name = prefix === undefined ? undefined : filePath.slice(prefix.length);
  return name === undefined || name === "" || /[/\\\0]/.test(name) ? undefined : name;
}

/** The last part of a file's name: the last 12 digits of the job's ID, and its attempt. */
export function runSuffix(jobId: string, attempt: number): string {
  return `${jobId.replaceAll("-", "").slice(-12)}${attempt > 1 ? `-${attempt}` : ""}`;
}

const SUFFIX = /_([0-9a-f]{12})(?:-(\d+))?\.[a-z.]+$/;

/** Parses the runSuffix in a file's key. */
export function runOf(key: string): { readonly jobDigits: string; readonly attempt: number } | undefined {
  const [, jobDigits, attempt = "1"] = SUFFIX.exec(key) ?? [];
  return jobDigits === undefined ? undefined : { jobDigits, attempt: Number(attempt) };
}
