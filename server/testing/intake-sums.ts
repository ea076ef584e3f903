import { expect } from "vitest";
import type { LogTableName } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { queueStatus } from "@/server/services/queues";

/** Returns the event counters of a table, after checking that they add up. */
export async function intakeSums(ctx: Context, table: LogTableName) {
  const figures = (await queueStatus(ctx)).queues[table];
  const { received_total, inserted_total, duplicates_total, dead_total, dropped_total, in_flight } = figures;
  expect(received_total).toBe(inserted_total + duplicates_total + dead_total + dropped_total + (in_flight ?? 0));
  return { received_total, inserted_total, duplicates_total, dead_total, dropped_total };
}
