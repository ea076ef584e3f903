import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { generateAccessLogEvents } from "@/server/demo/traffic";
import { OUTPUT } from "@/server/process/programs.mjs";
import type { ExportParams } from "@/server/services/exports/contract";
import { planExport } from "@/server/services/exports/plan";
import { prepareBatch } from "@/server/services/intake/events/prepare";
import { NO_RULES } from "@/server/services/intake/rules/rule-set";
import { logReader } from "@/server/services/logs";
import { hasS3Server, startS3 } from "@/server/testing/s3-server";
import type { RunFigures } from "./export-run";
import {
  type Bench,
  copyBlocks,
  describeMachine,
  median,
  percentile,
  perSecond,
  print,
  timeCopy,
  timed,
  withBench,
} from "./harness";

const ROWS = 1_000_000;
const ROUNDS = 3;
/** A workbook of ten million rows would take half an hour without adding information. */
const MAX_EXCEL_ROWS = 1_000_000;
/** Generated rows; the others are copies. */
const DIFFERENT_ROWS = 200_000;
const CHUNK = 50_000;
const DAY_MS = 86_400_000;
const BARS = { csv: 0.95, guard: 0.15, gzip: 0.9, excel: 0.9, store: 0.9, memoryMb: 200, pages: 2 };
/** Pages requested while no export runs. */
const IDLE_PAGES = 300;
const PAGE_EVERY_MS = 15;

const ORIGIN = { receivedAt: "2026-01-01T00:00:00.000000Z", source: "bench", format: "json", rules: NO_RULES } as const;
const CSV = { export_type: "access_logs", format: "csv", filters: {}, compress: "none", bom: false } as const;

const run = promisify(execFile);

/**
 * Exports generated access logs in separate processes, compared with psql's \copy of the same query (or a COPY to a
 * file, without psql) and with a plain exceljs loop. `npm run bench -- export 10000000` sets the number of rows; with a
 * further argument `store`, only the object store is measured.
 */
export async function benchExport(): Promise<void> {
  const rows = Number(process.argv[3] ?? ROWS);
  print(`export: ${rows} generated access logs over one day; ${describeMachine()}`);
  const isOnlyStore = process.argv[4] === "store";
  await withBench({ connections: 4 }, async (bench) => {
    await fill(bench, Math.min(rows, DIFFERENT_ROWS));
    await multiply(bench, DIFFERENT_ROWS, Math.min(rows, MAX_EXCEL_ROWS));
    if (!isOnlyStore) await benchExcel(bench);
    await multiply(bench, MAX_EXCEL_ROWS, rows);
    if (!isOnlyStore) await benchCsv(bench, rows);
    if (hasS3Server("radosgw")) await benchStore(bench, rows);
    else print("export, object store: skipped, radosgw is not installed");
    if (!isOnlyStore) await benchPages(bench);
  });
}

async function benchExcel(bench: Bench): Promise<void> {
  const ratios: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const bare = await inProcess(bench, ["bare-excel"]);
    const excel = await inProcess(bench, [JSON.stringify({ ...CSV, format: "excel" })]);
    ratios.push(bare.seconds / excel.seconds);
    print(
      `  Excel, round ${round}: bare exceljs ${rate(bare)}, ${bare.peakMb} MB; export ${rate(excel)}, ` +
        `${excel.peakMb} MB; ratio ${(bare.seconds / excel.seconds).toFixed(2)}`,
    );
  }
  print(`export, Excel: ${median(ratios).toFixed(2)} of bare exceljs (bar ${BARS.excel})`);
}

async function benchCsv(bench: Bench, rows: number): Promise<void> {
  const config = { ...bench.ctx.config, maxExportRows: rows };
  const guarded = planExport(config, CSV).sheets[0]?.query ?? "";
  const bare = guarded.replace(/case\s+when ascii\(("\w+")\)[\s\S]*?\bend\b/g, "$1");
  const ratios = { csv: [] as number[], gzip: [] as number[] };
  // The difference is small compared to noise from other work on the machine, which the minimum of all rounds reduces.
  const guarding = { unguarded: Number.POSITIVE_INFINITY, guarded: Number.POSITIVE_INFINITY };
  let peak = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    const unguarded = await timeReference(bench, bare);
    const reference = await timeReference(bench, guarded);
    const csv = await inProcess(bench, [JSON.stringify(CSV)]);
    const gzip = await inProcess(bench, [JSON.stringify({ ...CSV, compress: "gzip" } satisfies ExportParams)]);
    ratios.csv.push(reference / csv.seconds);
    guarding.unguarded = Math.min(guarding.unguarded, unguarded);
    guarding.guarded = Math.min(guarding.guarded, reference);
    ratios.gzip.push(csv.seconds / gzip.seconds);
    peak = Math.max(peak, csv.peakMb ?? 0, gzip.peakMb ?? 0);
    print(
      `  CSV, round ${round}: \\copy without guard ${perSecond(rows, unguarded)}, with ${perSecond(rows, reference)}; ` +
        `export ${rate(csv)}, ${csv.peakMb} MB, ratio ${(reference / csv.seconds).toFixed(2)}; ` +
        `gzip ${rate(gzip)}, ${gzip.peakMb} MB`,
    );
  }
  print(`export, CSV: ${median(ratios.csv).toFixed(2)} of \\copy of the same query (bar ${BARS.csv})`);
  const guard = guarding.guarded / guarding.unguarded - 1;
  print(`export, formula guard: ${(guard * 100).toFixed(0)} % of \\copy (bar ${BARS.guard * 100} %)`);
  print(`export, gzip: ${median(ratios.gzip).toFixed(2)} of plain CSV (bar ${BARS.gzip})`);
  print(`export, memory of the process: ${peak} MB at most (bar ${BARS.memoryMb})`);
}

/**
 * Measures exports to an object store on the loopback address, compared with the local disk, and the store alone: an
 * upload of an existing file of the same bytes.
 */
async function benchStore(bench: Bench, rows: number): Promise<void> {
  const server = await startS3("radosgw");
  const file = path.join(bench.dataDir, "upload.csv");
  const env = { ...server.env, FILES_URL: server.url };
  try {
    const query = planExport({ ...bench.ctx.config, maxExportRows: rows }, CSV).sheets[0]?.query ?? "";
    const lines = await bench.ctx.db.sql.unsafe(`copy (${query}) to stdout (format csv, header)`).readable();
    await pipeline(lines, createWriteStream(file));
    const { size } = await stat(file);
    for (const compress of ["none", "gzip"] as const) {
      const ratios: number[] = [];
      for (let round = 1; round <= ROUNDS; round++) {
        const params = JSON.stringify({ ...CSV, compress } satisfies ExportParams);
        const disk = await inProcess(bench, [params]);
        const store = await inProcess(bench, [params], env);
        const upload = await inProcess(bench, ["bare-upload", file], env);
        ratios.push(disk.seconds / store.seconds);
        print(
          `  object store, ${compress}, round ${round}: disk ${rate(disk)}, store ${rate(store)}, ${store.peakMb} MB, ` +
            `ratio ${(disk.seconds / store.seconds).toFixed(2)}; the plain file of ${Math.round(size / 1e6)} MB alone ` +
            `uploads in ${upload.seconds.toFixed(1)} s, ${perSecond(rows, upload.seconds)}`,
        );
      }
      print(`export, object store, ${compress}: ${median(ratios).toFixed(2)} of the local disk (bar ${BARS.store})`);
    }
  } finally {
    await rm(file, { force: true });
    await server.remove();
  }
}

/** Measures pages while an export of each kind runs in a worker process, compared with pages alone. */
async function benchPages(bench: Bench): Promise<void> {
  const idle = await pageTimes(bench, (pages) => pages >= IDLE_PAGES);
  for (const format of ["csv", "excel"] as const) {
    let isOver = false;
    const limit = { end_date: new Date(Date.now() - (format === "excel" ? DAY_MS / 2 : 0)).toISOString() };
    const exporting = inProcess(bench, [JSON.stringify({ ...CSV, ...limit, format })]).finally(() => {
      isOver = true;
    });
    const beside = await pageTimes(bench, () => isOver);
    await exporting;
    const ratio = percentile(beside, 0.95) / percentile(idle, 0.95);
    print(
      `export, pages beside ${format}: p95 ${percentile(beside, 0.95).toFixed(1)} ms of ${beside.length}, ` +
        `${percentile(idle, 0.95).toFixed(1)} ms idle: ${ratio.toFixed(2)} times (bar ${BARS.pages})`,
    );
  }
}

/** Returns the milliseconds per page, for random times that are not cached. */
async function pageTimes({ ctx }: Bench, isEnough: (pages: number) => boolean): Promise<number[]> {
  const reader = logReader(ctx, { kind: "user", id: "bench", name: "bench", role: "viewer" });
  const times: number[] = [];
  while (!isEnough(times.length)) {
    const at = new Date(Date.now() - Math.random() * DAY_MS).toISOString();
    times.push(1_000 * (await timed(() => reader.page("access_logs", { page_size: 50, count: "none", at }))));
    await sleep(PAGE_EVERY_MS);
  }
  return times;
}

const rate = ({ rows, seconds }: RunFigures) => perSecond(rows, seconds);

async function inProcess(
  { url, dataDir }: Bench,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<RunFigures> {
  const { stdout } = await run(
    process.execPath,
    [path.join(process.env.PROGRAM_FOLDER ?? OUTPUT, "export-run.js"), ...args],
    {
      env: { ...process.env, DATABASE_URL: url, DATA_DIR: dataDir, MAX_EXPORT_ROWS: "1000000000", ...env },
    },
  );
  return JSON.parse(stdout);
}

/** Runs psql's \copy of the query to a file, or without psql a COPY piped to a file. @returns seconds */
async function timeReference({ url, dataDir, ctx }: Bench, query: string): Promise<number> {
  const file = path.join(dataDir, "reference.csv");
  const copy = `(${query.replace(/\s+/g, " ")}) to`;
  const seconds = await timed(async () => {
    try {
      const setting = { PGOPTIONS: `-c TimeZone=${ctx.config.timeZone}` };
      await run("psql", [url, "-qc", `\\copy ${copy} '${file}' (format csv, header)`], {
        env: { ...process.env, ...setting },
      });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
      const rows = await ctx.db.sql.unsafe(`copy ${copy} stdout (format csv, header)`).readable();
      await pipeline(rows, createWriteStream(file));
    }
  });
  await rm(file);
  return seconds;
}

async function fill({ ctx }: Bench, rows: number): Promise<void> {
  const end = new Date();
  const start = new Date(end.getTime() - DAY_MS);
  let chunk: unknown[] = [];
  const flush = async () => {
    const incoming = chunk.map((event) => ({ event, raw: "", fallbackId: "" }));
    await timeCopy(
      ctx.db.sql,
      "access_logs",
      copyBlocks((await prepareBatch(ctx, "access_logs", incoming, ORIGIN)).rows),
    );
    chunk = [];
  };
  for (const event of generateAccessLogEvents(rows, { seed: 1, start, end })) {
    if (chunk.push(event) === CHUNK) await flush();
  }
  if (chunk.length > 0) await flush();
}

/** Copies the `present` rows, each time shifted by a microsecond, until there are `rows`. */
async function multiply({ ctx }: Bench, present: number, rows: number): Promise<void> {
  const { sql } = ctx.db;
  const copies = Math.ceil(rows / present) - 1;
  const times = sql`created_at + copy * interval '1 microsecond'`;
  await sql`
    insert into access_logs
    select gen_random_uuid(), ${times}, user_id, session_id, ip_address, user_agent, referer, request_path,
      request_method, status_code, response_time, device_type, browser, os, country, region, city, extra
    from access_logs, generate_series(1, ${copies}::int) as copy
    order by 2`;
  await sql`vacuum analyze access_logs`;
}
