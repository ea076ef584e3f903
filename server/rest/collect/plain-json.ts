import { isUtf8 } from "node:buffer";
import { AppError } from "@/server/lib/errors";
import { parseJsonInSlices } from "@/server/lib/json-in-slices";

const LIMITS = { maxDepth: 100, maxValues: 2_000_000 };

/** Parses the JSON of a request. @throws AppError BAD_REQUEST for anything else, or one that is nested too deeply or too large */
export async function readPlainJson(bytes: Uint8Array): Promise<unknown> {
  if (!isUtf8(bytes)) throw new AppError("collect.not_json", {});
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  try {
    return await parseJsonInSlices(text, LIMITS);
  } catch (error) {
    throw new AppError(error instanceof RangeError ? "collect.too_deep" : "collect.not_json", {}, { cause: error });
  }
}

/** A list of objects, as proto3's JSON has it: absent and null are empty. @throws AppError BAD_REQUEST for other values */
export function objectsIn(value: unknown): Record<string, unknown>[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new AppError("collect.not_request", {});
  return value.map(objectOf);
}

/** @throws AppError BAD_REQUEST for anything but an object; absent and null are empty */
export function objectOf(value: unknown): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw new AppError("collect.not_request", {});
  return value;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
