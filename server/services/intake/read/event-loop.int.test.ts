import { afterAll, beforeAll, expect, test } from "vitest";
import type { LogTableName } from "@/server/catalog";
import type { IntakeFormat } from "@/server/catalog/formats";
import type { Context } from "@/server/process/context";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { longestBlock } from "@/server/testing/event-loop";
import { ingest } from "./ingest";

let opened: TestContext;
let ctx: Context;
beforeAll(async () => {
  opened = await createTestContext();
  ctx = opened.context;
});
afterAll(() => opened?.close());

/** Maximum milliseconds for which the event loop may be blocked. */
const MAX_BLOCKED_MS = 100;
/** A busy machine pauses every process occasionally: the minimum of several attempts is the duration of the work. */
const ATTEMPTS = 3;

const agents = Array.from({ length: 1_000 }, (_, n) => `Mozilla/5.0 (X${n}; ${"a b;/".repeat(180)}) Chrome/${n}`);
const visit = (more: object) => JSON.stringify({ ip_address: "10.0.0.1", request_path: "/", ...more });
const columns = (count: number) => Array.from({ length: count }, (_, n) => `c${n}`).join(",");

const HOSTILE: [string, LogTableName, IntakeFormat, () => string][] = [
  ["CSV with 100,000 columns", "access_logs", "csv", () => `${columns(100_000)}\n1\n`],
  [
    "CSV with 25,000 columns and 500 bad lines",
    "access_logs",
    "csv",
    () => `ip_address,request_path,${columns(25_000)}\n${"1\n".repeat(500)}`,
  ],
  [
    "CSV with 998 columns and 500 bad lines",
    "access_logs",
    "csv",
    () => `ip_address,request_path,${columns(998)}\n${"1\n".repeat(500)}`,
  ],
  [
    "CSV with 998 columns and 500 rows",
    "access_logs",
    "csv",
    () => `ip_address,request_path,${columns(998)}\n${`10.0.0.1,/${",x".repeat(998)}\n`.repeat(500)}`,
  ],
  [
    "CSV with a quote among quotes and spaces",
    "user_activities",
    "csv",
    () => `user_id,action\n"${'a"x'.repeat(15_000)}${" ".repeat(300_000)}`,
  ],
  [
    "CSV with a header of quotes and spaces",
    "user_activities",
    "csv",
    () => `"${'a"x'.repeat(15_000)}${" ".repeat(300_000)}`,
  ],
  ["CSV with quotes that never close", "user_activities", "csv", () => `user_id,action\n${'"x\n'.repeat(30_000)}`],
  ["CSV with quotes that close elsewhere", "user_activities", "csv", () => `user_id,action\n${'","\n'.repeat(30_000)}`],
  ["a JSON array of millions", "access_logs", "json", () => `[${"[],".repeat(20_000)}[]]`],
  ["a JSON array of numbers", "access_logs", "json", () => `[${"1,".repeat(20_000)}1]`],
  [
    "a JSON array nested 1,000,000 deep",
    "access_logs",
    "json",
    () => `${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}`,
  ],
  ["a JSON object of 10 MB", "access_logs", "json", () => `{"a":"${"x".repeat(3_000_000)}"}`],
  [
    "a JSON object of a million members",
    "access_logs",
    "json",
    () => `{${Array.from({ length: 200_000 }, (_, n) => `"k${n}":1`).join(",")}}`,
  ],
  ["a JSON string of quotes and backslashes", "access_logs", "json", () => `["${"\\\\".repeat(1_000_000)}"]`],
  [
    "JSON events with numbers beyond JavaScript's",
    "access_logs",
    "json",
    () =>
      `[${Array.from({ length: 8 }, () => visit({ list: Array(12_000).fill(1) }).replace("1", "12345678901234567890")).join(",")}]`,
  ],
  [
    "JSON events of 250 KB",
    "access_logs",
    "json",
    () => `[${Array.from({ length: 12 }, () => visit({ list: Array(120_000).fill(1) })).join(",")}]`,
  ],
  ["NDJSON of one line of 20 MB", "access_logs", "ndjson", () => `${"x".repeat(20_000_000)}\n`],
  [
    "NDJSON nested 100,000 deep",
    "access_logs",
    "ndjson",
    () => `${`${"[".repeat(100_000)}${"]".repeat(100_000)}\n`.repeat(4)}`,
  ],
  [
    "NDJSON with 100,000 members a line",
    "access_logs",
    "ndjson",
    () => `${visit(Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, 1])))}\n`.repeat(4),
  ],
  [
    "NDJSON with 1,000 different user agents",
    "access_logs",
    "ndjson",
    () => agents.map((user_agent) => `${visit({ user_agent })}\n`).join(""),
  ],
  [
    "log lines of quotes and backslashes",
    "access_logs",
    "combined",
    () => `${`10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "${'\\" '.repeat(60_000)}\n`.repeat(4)}`,
  ],
  ["log lines of brackets", "access_logs", "combined", () => `${"[".repeat(250_000)}\n`.repeat(4)],
  [
    "log lines of addresses",
    "access_logs",
    "combined",
    () => `${`${"10.0.0.1, ".repeat(20_000)}- - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 1\n`.repeat(4)}`,
  ],
  [
    "log lines of escapes",
    "access_logs",
    "combined",
    () =>
      `${`10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET /${"\\xe4\\xbd\\xa0".repeat(18_000)} HTTP/1.1" 200 1\n`.repeat(4)}`,
  ],
];

test.each(HOSTILE)("%s does not block the event loop for 100 ms", async (_, table, format, make) => {
  const bytes = Buffer.from(make());
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS && best >= MAX_BLOCKED_MS; attempt++) {
    const turn = await longestBlock(() =>
      ingest(ctx, table, inChunks(bytes), { format, mode: "direct" }).catch(() => undefined),
    );
    best = Math.min(best, turn);
  }
  expect(best).toBeLessThan(MAX_BLOCKED_MS);
});

/** As delivered by a socket. */
async function* inChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
