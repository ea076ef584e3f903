import { buffer } from "node:stream/consumers";
import Papa from "papaparse";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recordAudit } from "@/server/services/audit";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { auditCsv } from "./audit-csv";

const admin = { kind: "user", id: "1", name: "anna@example.com", role: "admin" } as const;

let opened: TestContext;
beforeAll(async () => {
  opened = await createTestContext({ env: { APP_TIMEZONE: "Asia/Shanghai" } });
  const from = { address: "203.0.113.7", userAgent: "=cmd|' /C calc'!A0" };
  const details = { name: 'Says "hi",\nand leaves', role: "viewer" };
  await recordAudit(opened.context, { ...admin, from }, "api-key.create", details);
  await recordAudit(opened.context, { kind: "nobody", id: "", name: "=1+1", from }, "session.sign-in", {});
  await recordAudit(opened.context, { kind: "system", id: "cli", name: "command line" }, "cleanup.start", {});
});
afterAll(() => opened?.close());

async function exported(filters: Parameters<typeof auditCsv>[2]["filters"], bom = false) {
  const csv = (await buffer(await auditCsv(opened.context, admin, { filters, bom }))).toString("utf8");
  return {
    csv,
    rows: Papa.parse<Record<string, string>>(csv.replace(/^\ufeff/, ""), { header: true, skipEmptyLines: true }).data,
  };
}

test("The audit log as CSV has every column of every row, in the time zone, and contains no spreadsheet formulas", async () => {
  const { csv, rows } = await exported({});
  expect(csv.split("\r\n")[0]).toBe(
    "id,created_at,actor_name,actor_kind,actor_id,action,result,details,ip_address,user_agent",
  );
  const ofAction = (action: string) => rows.find((row) => row.action === action);
  expect(ofAction("api-key.create")).toMatchObject({
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d+\+08(:00)?$/),
    actor_name: "anna@example.com",
    actor_kind: "user",
    result: "ok",
    ip_address: "203.0.113.7",
    user_agent: "'=cmd|' /C calc'!A0",
  });
  expect(JSON.parse(ofAction("api-key.create")?.details ?? "")).toEqual({
    name: 'Says "hi",\nand leaves',
    role: "viewer",
  });
  expect(ofAction("session.sign-in")).toMatchObject({ actor_name: "'=1+1", actor_id: "" });
  expect(ofAction("cleanup.start")).toMatchObject({ ip_address: "", user_agent: "" });
  // The export itself is recorded before it starts.
  expect(ofAction("audit.export")).toMatchObject({ actor_name: "anna@example.com" });
});

test("Filters restrict the export, and are recorded with it", async () => {
  const { csv, rows } = await exported({ action: "api-key.*" }, true);
  expect(csv.startsWith("\ufeff")).toBe(true);
  expect(rows.map(({ action }) => action)).toEqual(["api-key.create"]);
  const { rows: exports } = await exported({ action: "audit.export" });
  expect(exports.map(({ details }) => JSON.parse(details ?? ""))).toContainEqual(
    expect.objectContaining({ filters: { action: "api-key.*" } }),
  );
});
