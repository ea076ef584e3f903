import { expect } from "vitest";
import type { Context } from "@/server/process/context";

/** Expects that the user activities equal the events of `lines` (NDJSON without IDs) in every field. */
export async function expectActivities(ctx: Context, lines: readonly string[]): Promise<void> {
  const rows = await ctx.db.sql`
    select
      user_id, action, resource_type, resource_id, details,
      to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at
    from user_activity_logs`;
  const key = (value: unknown) => JSON.stringify(sortedKeys(value));
  expect(rows.map(key).sort()).toEqual(lines.map((line) => key(JSON.parse(line))).sort());
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sortedKeys(member)]),
  );
}
