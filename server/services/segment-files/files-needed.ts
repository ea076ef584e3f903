import type { AppError } from "@/server/lib/errors";
import type { RecordedFile } from "./segment";

interface Need {
  /** Those that will occupy the cache. */
  readonly files: readonly RecordedFile[];
  /** Makes all files available. @throws the signal's reason, AppError */
  readonly fetch: (signal: AbortSignal) => Promise<unknown>;
  /** Returns the error for a caller that does not wait any longer. */
  readonly explain: () => AppError;
}

/** A query needs files that must be fetched or prepared first, outside of its transaction. */
export class FilesNeeded extends Error {
  readonly need: Need;

  constructor(need: Need) {
    super("Files must be fetched first.");
    this.need = need;
  }
}
