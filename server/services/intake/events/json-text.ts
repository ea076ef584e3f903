import { errorValue } from "@/server/catalog/errors";
import { postgresJson } from "@/server/lib/postgres-text";
import { InvalidEvent } from "./invalid-event";

const MAX_DEPTH = 100;

/**
 * Serializes `value` as JSON that jsonb accepts.
 * @throws InvalidEvent when it is nested deeper than 100 levels, or contains a value that JSON cannot represent
 */
export function jsonText(value: unknown, field: string): string {
  if (isDeeperThan(value, MAX_DEPTH))
    throw new InvalidEvent(errorValue("event.deeper_than", { field, max: MAX_DEPTH }));
  return postgresJson(writeJson(value, field));
}

function writeJson(value: unknown, field: string): string {
  try {
    return JSON.stringify(value);
  } catch {
    throw new InvalidEvent(errorValue("event.unwritable", { field }));
  }
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  for (const child of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof child === "object" && child !== null && isDeeperThan(child, levels - 1)) return true;
  }
  return false;
}
