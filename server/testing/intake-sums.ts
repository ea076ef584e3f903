import { expect } from "vitest";
import type { LogTableName } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { queueStatus } from "@/server/services/queues";

/** What became of all events of a table, after a look that no event is missing. */
export async function intakeSums(ctx: Context, table: LogTableName) {
  const { received_total, inserted_total, duplicates_total, dead_total, in_flight } = (await queueStatus(ctx)).queues[
    table
  ];
  expect(received_total).toBe(inserted_total + duplicates_total + dead_total + (in_flight ?? 0));
  return { received_total, inserted_total, duplicates_total, dead_total };
}
