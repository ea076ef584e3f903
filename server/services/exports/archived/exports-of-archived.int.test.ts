import { readdir, readFile, truncate } from "node:fs/promises";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import ExcelJS from "exceljs";
import { describe, expect, test } from "vitest";
import type { ExportFormatName } from "@/server/catalog/export-formats";
import { ensurePartitions } from "@/server/db/partitions";
import type { Context, Principal } from "@/server/process/context";
import { runRestore } from "@/server/services/retention/restore/run-restore";
import { jobRun } from "@/server/testing/cleanup";
import { withoutColumnarEngine } from "@/server/testing/failing-engine";
import { PER_MONTH, setUpFilledLogs } from "@/server/testing/filled-logs";
import type { ExportParams } from "../contract";
import { previewExport } from "../preview-export";
import { exportReader } from "../reader";
import { runExport } from "../run-export";
import { startExport } from "../start-export";

const operator: Principal = { kind: "user", id: "7", name: "anna@example.com", role: "operator" };
const FORMATS = ["csv", "ndjson", "excel", "parquet"] as const;
const FILTERS: Pick<ExportParams, "filters" | "start_date" | "end_date" | "columns">[] = [
  { filters: {} },
  { filters: { filter: "request_path:/orders/7* -中文" }, start_date: "2026-06-03", end_date: "2026-08-02T11:22:33Z" },
  { filters: { ip_address: "2001:db8::/32", filter: "extra.n:12345678901234567890" }, columns: ["extra", "id"] },
];

let ctx: Context;
const { clean, cleanToCsv } = setUpFilledLogs((context) => {
  ctx = context;
});

const paramsOf = (given: Partial<ExportParams>): ExportParams => ({
  export_type: "access_logs",
  format: "csv",
  filters: {},
  compress: "none",
  bom: false,
  ...given,
});

async function exported(given: Partial<ExportParams>, context = ctx) {
  const { file_path } = await runExport(context, jobRun(paramsOf(given)));
  return path.join(ctx.config.dataDir, file_path);
}

/** The content of a file: its bytes, or the values of a workbook or Parquet file. */
async function contentOf(format: ExportFormatName, file: string): Promise<unknown> {
  if (format === "csv" || format === "ndjson") return await readFile(file, "utf8");
  if (format === "excel") {
    const workbook = new ExcelJS.Workbook();
    await workbook.xlsx.readFile(file);
    return workbook.worksheets.map((sheet) => JSON.stringify(sheet.getSheetValues()));
  }
  const connection = await (await DuckDBInstance.create()).connect();
  try {
    return (await connection.runAndReadAll(`select * from '${file}'`)).getRowsJson();
  } finally {
    connection.closeSync();
  }
}

async function everything(options: Pick<ExportParams, "include_archived">) {
  const contents: unknown[] = [];
  for (const format of FORMATS) {
    for (const filters of format === "csv" ? FILTERS : FILTERS.slice(1, 2)) {
      contents.push(await contentOf(format, await exported({ format, ...filters, ...options })));
    }
  }
  return contents;
}

const filesIn = async (folder: string) => (await readdir(path.join(ctx.config.dataDir, folder)).catch(() => [])).sort();

describe("an export that includes archived rows", () => {
  test("equals that of before the cleanups: from Parquet and CSV archives, after a restore of a part", async () => {
    const before = await everything({});
    // May and a part of August as CSV, then June and more of August as Parquet.
    await cleanToCsv({ days_to_keep: 160 });
    await clean({ days_to_keep: 75 });
    expect(await contentOf("csv", await exported({}))).not.toEqual(before[0]);
    expect(await everything({ include_archived: true })).toEqual(before);
    const [{ id } = { id: "" }] = await ctx.db.sql<{ id: string }[]>`
      select id from archives where month = '2026-06'`;
    await runRestore(ctx, jobRun({ archive_id: id, start_date: "2026-06-05", end_date: "2026-06-12" }));
    const csv = await contentOf("csv", await exported({ include_archived: true }));
    expect(csv).toEqual(before[0]);
  });

  test("has its rows in the estimate and in the manifest, and the estimate has a size without rows in the table", async () => {
    await clean({ days_to_keep: 0 });
    const params = paramsOf({ include_archived: true });
    const preview = await previewExport(ctx, params);
    const run = jobRun(params);
    const { file_path, size_bytes } = await runExport(ctx, run);
    expect(preview).toMatchObject({ row_count: 4 * PER_MONTH, row_count_is_exact: true });
    expect(preview.estimated_bytes / size_bytes).toBeGreaterThan(0.7);
    expect(preview.estimated_bytes / size_bytes).toBeLessThan(1.4);
    expect(await exportReader(ctx, operator).find({ id: run.id })).toMatchObject({
      file_path,
      row_count: 4 * PER_MONTH,
      manifest: { include_archived: true },
    });
  });

  test("is rejected above the limit, before the start and while the rows are read, without a file", async () => {
    await clean();
    const params = paramsOf({ include_archived: true, max_rows: 2 * PER_MONTH });
    const tooMany = { code: "export.too_many_rows", params: { limit: 2 * PER_MONTH } };
    const files = await filesIn("exports");
    for (const limited of [params, { ...params, max_rows: 4 * PER_MONTH - 1 }]) {
      await expect(startExport(ctx, operator, limited)).rejects.toMatchObject({ code: tooMany.code });
      await expect(runExport(ctx, jobRun(limited))).rejects.toMatchObject({ code: tooMany.code });
    }
    expect(await filesIn("exports")).toEqual(files);
  });

  test("can be cancelled, while archived rows are read and afterwards, without a file", async () => {
    await clean();
    const files = await filesIn("exports");
    for (const [format, phase] of [
      ["csv", "reading"],
      ["excel", "writing"],
      ["parquet", "writing"],
    ] as const) {
      const stop = new AbortController();
      const progress = (now: { readonly done: number; readonly phase: string }) => {
        if (now.done === 0 || now.phase !== phase || stop.signal.aborted) return;
        stop.abort(new Error("cancelled"));
      };
      const run = jobRun(paramsOf({ format, include_archived: true }), { signal: stop.signal, progress });
      await expect(runExport(ctx, run)).rejects.toThrow("cancelled");
    }
    expect(await filesIn("exports")).toEqual(files);
  });

  test("fails with the month of an archive that cannot be read, and without the engine, without a file", async () => {
    await clean();
    const files = await filesIn("exports");
    const params = paramsOf({ include_archived: true });
    await expect(runExport(await withoutColumnarEngine(ctx), jobRun(params))).rejects.toMatchObject({
      code: "columnar.engine_failed",
    });
    const [{ key } = { key: "" }] = await ctx.db.sql<{ key: string }[]>`
      select path as key from archives where month = '2026-05'`;
    await truncate(path.join(ctx.config.dataDir, key), 100);
    for (const format of ["csv", "excel"] as const) {
      await expect(runExport(ctx, jobRun({ ...params, format }))).rejects.toMatchObject({
        code: "archive.not_searchable",
        params: { months: "2026-05" },
      });
    }
    expect(await filesIn("exports")).toEqual(files);
    await exported({ ...params, start_date: "2026-06-01" });
  });

  test("contains a row that was stored again once, as it is in the table", async () => {
    const rows = await ctx.db.sql<{ id: string; time: string }[]>`
      select id, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as time
      from access_logs order by created_at limit 1`;
    await clean();
    const time = rows[0]?.time ?? "";
    await ensurePartitions(ctx.db.ddl.access_logs, "access_logs", ["2026-05"]);
    await ctx.db.sql`
      insert into access_logs (id, created_at, ip_address, request_path)
      values (${rows[0]?.id ?? ""}, ${time}, '10.0.0.1', '/again')`;
    const file = await exported({
      include_archived: true,
      columns: ["request_path"],
      start_date: time,
      end_date: time,
    });
    expect(await readFile(file, "utf8")).toBe("request_path\r\n/again\r\n");
  });
});

test("a statistics report with archived rows is rejected by the name of the parameter", async () => {
  const params = paramsOf({ export_type: "statistics", include_archived: true });
  await expect(previewExport(ctx, params)).rejects.toMatchObject({
    errors: [{ path: "include_archived", code: "input.not_for_report" }],
  });
});
