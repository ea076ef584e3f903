import { randomUUID } from "node:crypto";
import ExcelJS from "exceljs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { UNFENCED } from "@/server/services/jobs";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { runExport } from "../run-export";

const ROWS = 3_000;

let opened: TestContext;
beforeAll(async () => {
  opened = await createTestContext();
  await opened.context.db.sql`
    insert into access_logs (id, created_at, ip_address, user_id, request_path, request_method, status_code, response_time, os)
    select
      gen_random_uuid(), now(), '10.0.0.1', case when i % 4 > 0 then 'user-' || i end, '/' || i % 1500, 'GET',
      case when i % 3 > 0 then 200 end, i % 100, case when i % 5 > 0 then 'iOS' end
    from generate_series(1, ${ROWS}::int) as i`;
});
afterAll(() => opened?.close());

test("Each list of the report adds up to all requests, with lines for empty values and for all others", async () => {
  const { file_path } = await runExport(opened.context, {
    id: randomUUID(),
    params: { export_type: "statistics", format: "excel", filters: {}, compress: "none", bom: false },
    requestedBy: "tester",
    attempt: 1,
    signal: new AbortController().signal,
    fence: UNFENCED,
    progress: () => {},
  });
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile(`${opened.context.config.dataDir}/${file_path}`);
  const linesOf = (title: string) => {
    const lines: [label: unknown, requests: unknown, average: unknown][] = [];
    const sheet = book.getWorksheet(title);
    const header = sheet?.getRow(1).values ?? [];
    const requests = Array.isArray(header) ? header.indexOf("requests") : 0;
    sheet?.eachRow((row, number) => {
      if (number > 1) lines.push([row.getCell(1).value, row.getCell(requests).value, row.getCell(requests + 3).value]);
    });
    return lines;
  };
  for (const title of ["by_day", "by_hour", "status_codes", "paths", "users", "addresses", "devices_and_browsers"]) {
    const sum = linesOf(title).reduce((total, [, requests]) => total + Number(requests), 0);
    expect([title, sum]).toEqual([title, ROWS]);
  }
  expect(linesOf("status_codes").map(([label, requests]) => [label, requests])).toEqual([
    [200, (ROWS * 2) / 3],
    ["(none)", ROWS / 3],
  ]);
  expect(linesOf("users").slice(-2)).toEqual([
    ["(others)", (ROWS * 3) / 4 - 1_000, expect.any(Number)],
    ["(none)", ROWS / 4, expect.any(Number)],
  ]);
  expect(linesOf("paths").at(-1)).toEqual(["(others)", 1_000, expect.any(Number)]);
  expect(linesOf("users").every(([, , average]) => typeof average === "number")).toBe(true);
});
