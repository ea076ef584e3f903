import type { FileStore } from "@/server/files";
import { AppError } from "@/server/lib/errors";
import { withTimeout } from "@/server/lib/within";
import type { Context } from "@/server/process/context";

/** Shorter than the timeout of a health check. */
const TIMEOUT_MS = 2_500;
/** Object stores charge for requests, and anyone can request the health. */
const CACHE_MS = 10_000;

interface Check {
  readonly at: number;
  readonly failure: Promise<AppError | null>;
}

const checks = new WeakMap<FileStore, Check>();

/** Returns why the store of new files is unavailable, or null; the result is at most 10 seconds old. Never throws. */
export async function fileStoreFailure({ files: { current } }: Pick<Context, "files">): Promise<AppError | null> {
  const last = checks.get(current);
  if (last && performance.now() - last.at < CACHE_MS) return await last.failure;
  const failure = withTimeout(current.check(), TIMEOUT_MS, noAnswer).then(
    () => null,
    (error: unknown) => (error instanceof AppError ? error : noAnswer()),
  );
  checks.set(current, { at: performance.now(), failure });
  return await failure;
}

const noAnswer = () => new AppError("files.unreachable", { reason: "timeout" });
