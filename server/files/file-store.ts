import type { Readable } from "node:stream";
import type { S3Location } from "./files-url";
import type { S3Limits } from "./s3-limits";

/** The parameters with which a thread opens the same store. A disk without an identity (`""`) is any folder. */
export type StoreTarget =
  | { readonly kind: "disk"; readonly folder: string; readonly id: string }
  | { readonly kind: "s3"; readonly at: S3Location; readonly limits: S3Limits };

/** First and last byte, both inclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface WrittenFile {
  readonly sizeBytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

export interface StoredFile {
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
}

/**
 * A place for files: a folder of this machine or an object store. A key is a relative path such as
 * `exports/access_logs_2024-01.csv`. Every method throws an AppError with a code `files.*`.
 */
export interface FileStore {
  /** `disk:UUID` or `s3:UUID`: recorded with each file, and stored in the store itself, so that it moves with the files. */
  readonly id: string;
  readonly target: StoreTarget;
  /** The folder with its machine, or the bucket, for messages. Contains no credentials. */
  readonly location: string;
  /**
   * Writes a new file, or replaces one. It is visible under `key` only when all bytes are stored durably; after an
   * error, nothing is.
   * @param signal stops the write, even if `bytes` never yields again
   * @param bytes blocks, each of which is valid until the next is requested
   * @throws files.no_space, files.denied, files.unreachable, files.store_*, the error of `bytes`, the signal's reason
   */
  write(key: string, bytes: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<WrittenFile>;
  /**
   * Opens a file for reading. The caller destroys the stream. An error while reading is an AppError too.
   * @throws files.missing, also for a link or a folder
   */
  open(key: string, range?: ByteRange): Promise<Readable>;
  /** Returns null for a missing file. */
  stat(key: string): Promise<StoredFile | null>;
  /** Lists the complete files whose keys start with `prefix`, which ends with `/`. The order is not defined. */
  list(prefix: string): AsyncIterable<StoredFile>;
  /** Removes a file. A missing file is not an error. */
  remove(key: string): Promise<void>;
  /**
   * Removes incomplete files directly in the folder `prefix`, not in its subfolders, that interrupted processes left.
   * @param isInUse returns whether a running process still writes this file
   */
  removeIncomplete(prefix: string, isInUse: (key: string) => Promise<boolean>): Promise<void>;
  /** Checks that the store responds. @throws files.* */
  check(): Promise<void>;
  /** Returns the space for new files; null if the store does not report it. */
  freeBytes(): Promise<number | null>;
  /** Returns a URL from which anyone can download the file for a while; null if the store has none. */
  downloadUrl(key: string, options: DownloadOptions): Promise<string | null>;
}

export interface DownloadOptions {
  /** The Content-Disposition of the response. */
  readonly disposition: string;
  readonly contentType: string;
}
