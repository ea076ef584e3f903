import { buffer } from "node:stream/consumers";
import Papa from "papaparse";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { Principal } from "@/server/process/context";
import { insertAccessLogs, insertUserActivities } from "@/server/services/intake";
import { cleanLogTable } from "@/server/services/retention/cleanup/clean-log-table";
import { cleanupParams, jobRun } from "@/server/testing/cleanup";
import { createTestContext, type TestContext } from "@/server/testing/context";
import type { TimelineExport } from "./contract";
import { exportTimeline } from "./export-timeline";
import { timelineReader } from "./timeline-reader";

const operator: Principal = { kind: "user", id: "7", name: "anna@example.com", role: "operator" };
const USER = { user_id: "=u1" };
const HOUR_MS = 3_600_000;

let test: TestContext;
beforeAll(async () => {
  test = await createTestContext({ env: { APP_TIMEZONE: "Asia/Shanghai" } });
  const at = (n: number) => new Date(Date.now() - (n < 3 ? 1 : 200 * 24) * HOUR_MS - n * 1_000).toISOString();
  for (let n = 0; n < 6; n++) {
    const row = { ...USER, created_at: at(n), ip_address: "203.0.113.7" };
    await insertAccessLogs(test.context, [{ ...row, request_path: `/案件/${n}`, response_time: n, extra: { n: 1.1 } }]);
    await insertUserActivities(test.context, [{ ...row, action: "-login", details: { text: 'a "b",\nc' } }]);
    await insertAccessLogs(test.context, [{ ...row, user_id: "u2", request_path: "/other" }]);
  }
});
afterAll(() => test?.close());

async function exported(given: Partial<TimelineExport> = {}, ctx = test.context) {
  const request = { ...USER, format: "csv" as const, bom: false, ...given };
  return (await buffer(await exportTimeline(ctx, operator, request, new AbortController().signal))).toString("utf8");
}

const rowsOf = (csv: string) => Papa.parse<Record<string, string>>(csv, { header: true, skipEmptyLines: true }).data;

describe("The export of a timeline", () => {
  it("has the events of both tables in one file, oldest first, in the form of exports", async () => {
    const csv = await exported({ bom: true });
    const [header = ""] = csv.split("\r\n");
    expect(header).toMatch(/^\ufefftable,id,created_at,user_id,/);
    expect(header).toMatch(/,request_path,.*,action,/);
    const rows = rowsOf(csv.slice(1));
    const { items } = await timelineReader(test.context, operator).page({ ...USER, page_size: 100 });
    expect(rows.map(({ id }) => id)).toEqual(items.map(({ id }) => id).reverse());
    expect(rows.map(({ table }) => table)).toEqual(items.map(({ table }) => table).reverse());
    expect(rows[0]).toMatchObject({
      table: "access_logs",
      user_id: "'=u1",
      created_at: expect.stringMatching(/\+08:00$/),
      request_path: "/案件/5",
      ip_address: "203.0.113.7",
      response_time: "5",
      action: "",
    });
    expect(rows[1]).toMatchObject({ table: "user_activities", action: "'-login", request_path: "", response_time: "" });

    const lines = (await exported({ format: "ndjson" })).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line)).map(({ table, id }) => [table, id])).toEqual(
      rows.map(({ table, id }) => [table, id]),
    );
    expect(JSON.parse(lines[1] ?? "")).toMatchObject({ action: "-login", details: { text: 'a "b",\nc' } });
  });

  it("of more rows than the limit is refused, counting both tables", async () => {
    const config = { ...test.context.config, maxExportRows: 11 };
    await expect(exported({}, { ...test.context, config })).rejects.toMatchObject({ code: "export.too_many_rows" });
    expect(rowsOf(await exported({}, { ...test.context, config: { ...config, maxExportRows: 12 } }))).toHaveLength(12);
  });

  it("that includes archived rows equals that of before the cleanup", async () => {
    const before = [await exported(), await exported({ format: "ndjson" })];
    for (const table of LOG_TABLE_NAMES)
      await cleanLogTable(test.context, table, jobRun(cleanupParams({ days_to_keep: 90 })), { dropTimeout: 0 });
    expect(rowsOf(await exported())).toHaveLength(6);
    const archived = { include_archived: true };
    expect([await exported(archived), await exported({ ...archived, format: "ndjson" })]).toEqual(before);
    const page = await timelineReader(test.context, operator).page({ ...USER, ...archived, page_size: 5 });
    const { next_cursor } = page;
    const next = await timelineReader(test.context, operator).page({
      ...USER,
      ...archived,
      page_size: 20,
      cursor: next_cursor ?? "",
    });
    const items = [...page.items, ...next.items];
    expect(items.map(({ id }) => id)).toEqual(
      rowsOf(before[0] ?? "")
        .map(({ id }) => id)
        .reverse(),
    );
    expect(items.filter((item) => item.archived)).toHaveLength(6);
  });

  it("needs the permission to export", async () => {
    const viewer: Principal = { ...operator, role: "viewer" };
    const request = { ...USER, format: "csv" as const, bom: false };
    await expect(exportTimeline(test.context, viewer, request, new AbortController().signal)).rejects.toMatchObject({
      code: "auth.role_too_low",
    });
  });
});
