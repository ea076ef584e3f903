import type { MessagePort } from "node:worker_threads";
import type { Compression } from "./compressions";

export interface UnpackTask {
  readonly format: Exclude<Compression, "gzip">;
  /** Receives answers. The thread waits for them without an event loop, since its decoders read synchronously. */
  readonly answers: MessagePort;
  /** Changes with each answer, to wake the thread. */
  readonly wake: Int32Array;
}

/** Each request and each block has one answer. */
export type ThreadRequest =
  | { readonly kind: "read" }
  | { readonly kind: "block"; readonly bytes: Uint8Array }
  | { readonly kind: "end" }
  | { readonly kind: "failed"; readonly reason: "cut_off" | "damaged"; readonly detail: string };

export type ThreadAnswer =
  /** Bytes of the source; without bytes, its end. */
  { readonly kind: "bytes"; readonly bytes?: Uint8Array } | { readonly kind: "taken" };
