import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { discardDeadLetters } from "@/server/services/dead-letters";
import { ingest, storeClaim } from "@/server/services/intake";
import { setUpContext } from "@/server/testing/context";
import { deleteOldImports } from "./delete-old-imports";
import { listImports } from "./list";

let ctx: Context;
setUpContext((context) => {
  ctx = context;
});

async function take(text: string, mode: "direct" | "queued" = "direct"): Promise<number> {
  const body = Readable.from([Buffer.from(text)]);
  const { import_id } = await ingest(ctx, "user_activities", body, { format: "ndjson", mode, fileName: "some.log" });
  if (import_id === null) throw new Error("It has no import.");
  return import_id;
}

const line = (month: string) => `{"user_id":"1","action":"login","created_at":"${month}-06T07:08:09Z"}\n`;

const remaining = async () =>
  (await listImports(ctx, { limit: 100 })).items.map(({ import_id }) => import_id).reverse();

const age = (days: number) => ctx.db.sql`
  update imports set seen_at = now() - make_interval(days => ${days}), finished_at = now() - make_interval(days => ${days})`;

const clean = () => deleteOldImports(ctx, new AbortController().signal);

test("The record of an import is deleted 90 days after its end, once its rows, dead letters and queued events are gone", async () => {
  const stored = await take(line("2024-01"));
  const duplicate = await take(line("2024-01"));
  await take(line("2024-02"));
  const refused = await take("broken\n");
  const queued = await take(line("2024-03"), "queued");
  await ctx.db.sql`delete from user_activity_logs where created_at >= '2024-02-01'`;

  await age(89);
  expect(await clean()).toBe(0);
  await age(91);
  expect(await clean()).toBe(1);
  // The duplicate's time range contains a row that could belong to it.
  expect(await remaining()).toEqual([stored, duplicate, refused, queued]);

  await ctx.db.sql`delete from user_activity_logs`;
  await discardDeadLetters(ctx, { queue: "user_activities" }, COMMAND_LINE);
  expect(await clean()).toBe(3);
  expect(await remaining()).toEqual([queued]);
  await ctx.queue.consume("user_activities", { events: 10, bytes: 1e6 }, (claim, tx) =>
    storeClaim(ctx, "user_activities", claim, tx),
  );
  expect(await clean()).toBe(0);
  await ctx.db.sql`delete from user_activity_logs`;
  expect(await clean()).toBe(1);
  expect(await ctx.db.sql`select from import_tallies`).toHaveLength(0);
});
