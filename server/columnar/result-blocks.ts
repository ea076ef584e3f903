import type { DuckDBDataChunk } from "@duckdb/node-api";
import type { ColumnarValue } from "./engine";
import { readValue } from "./values";

/** The size of a message, so that neither process is occupied with one for long. */
const BLOCK_BYTES = 500_000;
/** Of each value in a chunk, in addition to long text. */
const VALUE_BYTES = 16;
const FREE_EVERY_BYTES = 4_000_000;

interface Block {
  readonly rows: readonly (readonly ColumnarValue[])[];
  /** Approximate. */
  readonly bytes: number;
}

/** Reads the rows of a chunk in blocks of limited size. */
export function* blocksOf(chunk: DuckDBDataChunk): Generator<Block> {
  const vectors = Array.from({ length: chunk.columnCount }, (_, index) => chunk.getColumnVector(index));
  let rows: ColumnarValue[][] = [];
  let bytes = 0;
  for (let index = 0; index < chunk.rowCount; index++) {
    const row = vectors.map((vector) => readValue(vector.getItem(index)));
    rows.push(row);
    for (const value of row) bytes += VALUE_BYTES + (typeof value === "string" ? value.length : 0);
    if (bytes < BLOCK_BYTES) continue;
    yield { rows, bytes };
    rows = [];
    bytes = 0;
  }
  if (rows.length > 0) yield { rows, bytes };
}

let unfreedBytes = 0;

/**
 * Frees the memory of chunks that were sent. It is outside of V8's heap, so that garbage collection by itself would let
 * hundreds of megabytes accumulate.
 */
export function freeChunks(sentBytes: number): void {
  unfreedBytes += sentBytes;
  if (unfreedBytes < FREE_EVERY_BYTES) return;
  unfreedBytes = 0;
  globalThis.gc?.({ type: "minor" });
}
