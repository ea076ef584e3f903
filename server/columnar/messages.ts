import type { ColumnarValue } from "./engine";

/** Messages between the engine's client and its process. */

export type ColumnarParam = string | number | boolean | null;

export interface EngineSettings {
  /** The limit of the whole process. */
  readonly memoryBytes: number;
  readonly threads: number;
  /** The folders in which statements read and write files. */
  readonly folders: readonly string[];
  /** Where DuckDB stores intermediate results that exceed its memory. */
  readonly spillFolder: string;
  readonly spillBytes: number;
}

export type EngineRequest =
  | { readonly type: "open"; readonly settings: EngineSettings }
  | { readonly type: "run"; readonly id: number; readonly text: string; readonly params: readonly ColumnarParam[] }
  /** Requests one more block. */
  | { readonly type: "more"; readonly id: number }
  | { readonly type: "cancel"; readonly id: number }
  | { readonly type: "ping" };

export type EngineReply =
  | { readonly type: "opened" }
  | { readonly type: "pong"; readonly memoryBytes: number }
  /** The process ends, and its statements fail. */
  | { readonly type: "closing"; readonly failure: EngineFailure }
  | {
      readonly type: "block";
      readonly id: number;
      readonly columns: readonly string[];
      readonly rows: readonly (readonly ColumnarValue[])[];
    }
  | { readonly type: "done"; readonly id: number }
  | { readonly type: "failed"; readonly id: number; readonly failure: EngineFailure };

export type FailureKind =
  | "out_of_memory"
  | "no_temporary_space"
  | "file_damaged"
  /** DuckDB cannot continue, or the cause is unknown. */
  | "engine_failed"
  /** The process cannot start. */
  | "unavailable"
  /** The statement is wrong, or was cancelled. */
  | "statement";

export interface EngineFailure {
  readonly kind: FailureKind;
  /** DuckDB's message, with paths and parts of the statement. */
  readonly message: string;
}
