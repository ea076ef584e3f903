import type { Mask } from "./mask";

/** Exact bytes of a few rows or files would reveal the length of masked values. */
const STEP_BYTES = 1024 * 1024;
/** Properties of a file that could reveal a masked value among few possible ones. */
const HIDDEN = new Set(["sha256", "size_bytes"]);

/** Rounds bytes of unmasked content up to megabytes for principals with a mask. */
export function maskBytes(bytes: number, { columns }: Mask): number {
  return columns.size === 0 ? bytes : Math.ceil(bytes / STEP_BYTES) * STEP_BYTES;
}

/** The result of a job for principals with a mask: without a file's size and checksum, other bytes rounded. */
export function maskResult(result: Readonly<Record<string, unknown>>, mask: Mask): Record<string, unknown> {
  const { columns } = mask;
  if (columns.size === 0) return { ...result };
  const shown = (name: string, value: unknown): unknown => {
    if (HIDDEN.has(name)) return null;
    if (typeof value === "number" && name.endsWith("_bytes")) return maskBytes(value, mask);
    if (Array.isArray(value)) return value.map((item: unknown) => shown("", item));
    if (typeof value === "object" && value !== null) return maskResult({ ...value }, mask);
    return value;
  };
  return Object.fromEntries(Object.entries(result).map(([name, value]) => [name, shown(name, value)]));
}
