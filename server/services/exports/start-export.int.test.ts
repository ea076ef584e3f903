import { expect, test } from "vitest";
import type { Context, Principal } from "@/server/process/context";
import { setUpContext } from "@/server/testing/context";
import type { ExportParams } from "./contract";
import { startExport } from "./start-export";

const operator: Principal = { kind: "user", id: "7", name: "anna@example.com", role: "operator" };

let ctx: Context;
setUpContext((context) => {
  ctx = context;
});

test.each([
  [{ columns: ["colour"] }, "columns.0"],
  [{ columns: ["id", "id"] }, "columns.1"],
  [{ filters: { colour: "red" } }, "colour"],
  [{ filters: { status_code: "abc'; drop table access_logs; --" } }, "status_code"],
  [{ start_date: "yesterday" }, "start_date"],
  [{ start_date: "2026-11-21", end_date: "2026-11-20" }, "end_date"],
  [{ export_type: "statistics", start_date: "2026-11-21", end_date: "2026-11-20" }, "end_date"],
  [{ export_type: "statistics", compress: "gzip" }, "compress"],
] satisfies [Partial<ExportParams>, string][])("an invalid export is rejected: %j", async (params, field) => {
  const request = { export_type: "access_logs", format: "csv", ...params } as const;
  await expect(startExport(ctx, operator, request)).rejects.toMatchObject({
    kind: "UNPROCESSABLE",
    errors: [{ path: field }],
  });
});

test("an equal running export is shared, and every start is audited", async () => {
  const request = { export_type: "user_activities", format: "csv" } as const;
  const first = await startExport(ctx, operator, request);
  const second = await startExport(ctx, operator, { ...request, filters: {} });
  const other = await startExport(ctx, operator, { ...request, format: "excel" });
  expect(second.job_id).toBe(first.job_id);
  expect(other.job_id).not.toBe(first.job_id);
  const audited = await ctx.db
    .sql`select from audit_log where action = 'export.start' and actor_name = ${operator.name}`;
  expect(audited).toHaveLength(3);
});
