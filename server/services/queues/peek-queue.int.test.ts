import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import type { Context } from "@/server/process/context";
import { saveRules } from "@/server/services/intake-rules";
import { changePrivacy } from "@/server/services/privacy";
import { setUpContext } from "@/server/testing/context";
import { peekQueue } from ".";

const ADMIN = { kind: "user", id: "1", name: "admin", role: "admin" } as const;

let ctx: Context;
setUpContext((opened) => {
  ctx = opened;
});

it("shows the next waiting events and what becomes of them, without personal data, and leaves them in the queue", async () => {
  await saveRules(ctx, ADMIN, {
    table: "access_logs",
    version: 0,
    rules: [
      { id: randomUUID(), name: "Probes", enabled: true, action: "drop", filter: "request_path:/health" },
      {
        id: randomUUID(),
        name: "Phones",
        enabled: true,
        action: "redact",
        filter: null,
        columns: ["request_path"],
        kinds: ["mobile_phone"],
        patterns: [],
      },
    ],
  });
  const event = (path: string) => JSON.stringify({ ip_address: "203.0.113.7", request_path: path });
  await ctx.queue.push("access_logs", [
    event("/a?p=13812345678"),
    event("/health"),
    "not JSON",
    event("/b"),
    event("/c"),
  ]);
  const { items } = await peekQueue(ctx, ADMIN, "access_logs", 4);
  expect(items).toMatchObject([
    { position: 1, outcome: "row", payload: event("/a?p=[redacted]"), error: null, size_bytes: 62 },
    { position: 2, outcome: "dropped", dropped_by: "Probes" },
    { position: 3, outcome: "dead_letter", error: { code: "event.not_json" }, payload: "not JSON" },
    { position: 4, outcome: "row", payload: event("/b") },
  ]);
  expect((await ctx.queue.depth("access_logs")).length).toBe(5);

  await changePrivacy(ctx, ADMIN, { masked_columns: ["ip_address"] });
  const seen = await peekQueue(ctx, { ...ADMIN, role: "viewer" }, "access_logs", 4);
  expect(JSON.stringify(seen)).not.toContain("203.0.113.7");
  expect(seen.items[0]).toMatchObject({ outcome: "row", size_bytes: null });
});
