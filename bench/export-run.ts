import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import ExcelJS from "exceljs";
import pino from "pino";
import { openContext } from "@/server/process/open-context";
import { runExport } from "@/server/services/exports";
import type { ExportParams } from "@/server/services/exports/contract";
import { UNFENCED } from "@/server/services/jobs";

/** The result of one run, printed as JSON on stdout. */
export interface RunFigures {
  readonly rows: number;
  readonly seconds: number;
  /** Peak resident memory of the process; null except on Linux. */
  readonly peakMb: number | null;
}

/** Runs one export in a separate process, to measure its memory: `export-run.ts PARAMS|bare-excel|bare-upload FILE`. */
const [what = "", file = ""] = process.argv.slice(2);
const { context, close } = await openContext("worker", { log: pino({ level: "silent" }) });
const { config, db } = context;
const { rows, seconds } = await run();
await close();
process.stdout.write(JSON.stringify({ rows, seconds, peakMb: await peakMb() } satisfies RunFigures));

async function run(): Promise<Omit<RunFigures, "peakMb">> {
  if (what === "bare-excel") return await bareWorkbook();
  return what === "bare-upload" ? await bareUpload() : await oneExport(JSON.parse(what));
}

async function oneExport(params: ExportParams): Promise<Omit<RunFigures, "peakMb">> {
  const start = performance.now();
  const { row_count, file_path } = await runExport(context, {
    id: randomUUID(),
    params,
    requestedBy: "bench",
    attempt: 1,
    signal: new AbortController().signal,
    fence: UNFENCED,
    progress: () => {},
  });
  const seconds = (performance.now() - start) / 1000;
  await context.files.current.remove(file_path);
  return { rows: row_count, seconds };
}

/** Measures the object store alone: stores an existing file. */
async function bareUpload(): Promise<Omit<RunFigures, "peakMb">> {
  const start = performance.now();
  const { sizeBytes } = await context.files.current.write("bare-upload", createReadStream(file));
  const seconds = (performance.now() - start) / 1000;
  if (sizeBytes === 0) throw new Error("The file was not uploaded.");
  await context.files.current.remove("bare-upload");
  return { rows: 0, seconds };
}

/** Measures exceljs's streaming writer alone: rows as returned, without types, widths or checks. */
async function bareWorkbook(): Promise<Omit<RunFigures, "peakMb">> {
  const filename = path.join(config.dataDir, "bare.xlsx");
  const start = performance.now();
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({ filename });
  const sheet = book.addWorksheet("rows");
  let rows = 0;
  for await (const chunk of db.sql`select * from access_logs order by created_at, id`.values().cursor(1_000)) {
    for (const values of chunk) sheet.addRow(values).commit();
    rows += chunk.length;
  }
  sheet.commit();
  await book.commit();
  const seconds = (performance.now() - start) / 1000;
  await rm(filename);
  return { rows, seconds };
}

async function peakMb(): Promise<number | null> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const kilobytes = /VmHWM:\s+(\d+)/.exec(status)?.[1];
  return kilobytes ? Math.round(Number(kilobytes) / 1024) : null;
}
