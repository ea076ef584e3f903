import { execFile } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { logTables } from "@/server/catalog";
import { generateAccessLogEvents } from "@/server/demo/traffic";
import { type Bench, describeMachine, perSecond, print, reset, timed, withBench } from "./harness";
import { TEXT_FORMATS, type TextFormat } from "./text-formats";

const MEGABYTES = 1_024;
const BAR = 0.7;
const MEMORY_BAR_MB = 250;
const BYTES_PER_WRITE = 64 * 1024;

const run = promisify(execFile);

/**
 * Ingests a file of each text format with the command line, directly, compared with one psql-style COPY of the rows that
 * it became into the same table. `npm run bench -- formats 100 w3c csv` sets the size in MB, and the formats.
 */
export async function benchFormats(): Promise<void> {
  const [megabytes = MEGABYTES, ...names] = process.argv.slice(3);
  const formats = TEXT_FORMATS.filter(({ name }) => names.length === 0 || names.includes(name));
  print(`formats: ${megabytes} MB each; ${describeMachine()}`);
  for (const format of formats) await withBench({}, (bench) => measure(bench, format, Number(megabytes)));
}

async function measure(bench: Bench, format: TextFormat, megabytes: number): Promise<void> {
  const { ctx, dataDir } = bench;
  const file = path.join(dataDir, `${format.name}.log`);
  await pipeline(Readable.from(textOf(format, megabytes)), createWriteStream(file));
  await reset(ctx.db.sql, "access_logs");
  const { seconds, rows, megabytes: peak } = await ingestFile(bench, file, format.flags ?? []);
  await rm(file);

  const columns = logTables.access_logs.columns.map(({ name }) => name).join(", ");
  const copied = path.join(dataDir, "rows.copy");
  const out = await ctx.db.sql.unsafe(`copy (select ${columns} from access_logs) to stdout`).readable();
  await pipeline(out, createWriteStream(copied));
  await reset(ctx.db.sql, "access_logs");
  const copy = await timed(async () => {
    const into = await ctx.db.sql.unsafe(`copy access_logs (${columns}) from stdin`).writable();
    await pipeline(createReadStream(copied, { highWaterMark: 4 * BYTES_PER_WRITE }), into);
  });
  await rm(copied);
  print(
    `  ${format.name}: ${rows} rows, ${perSecond(rows, seconds)}, COPY ${perSecond(rows, copy)}, ` +
      `ratio ${(copy / seconds).toFixed(2)} (bar ${BAR}), peak memory ${peak} MB (bar ${MEMORY_BAR_MB})`,
  );
}

/** Ingests a file in a process of its own. @throws if a line was rejected, or taken for a duplicate */
async function ingestFile({ url, dataDir }: Bench, file: string, flags: readonly string[]) {
  const memory = path.join(dataDir, "memory");
  const report = `import { writeFileSync } from "node:fs"; process.on("exit", () => writeFileSync(${JSON.stringify(memory)}, String(process.resourceUsage().maxRSS)));`;
  const command = ["cli", "ingest", file, "--table", "access_logs", "--direct", ...flags];
  let answer = "";
  const seconds = await timed(async () => {
    const program = ["--import", `data:text/javascript,${encodeURIComponent(report)}`, "server/process/run.mjs"];
    const env = { ...process.env, DATABASE_URL: url, DATA_DIR: dataDir };
    answer = (await run(process.execPath, [...program, ...command], { env })).stdout;
  });
  const { received, inserted } = JSON.parse(answer);
  if (received !== inserted) throw new Error(`${path.basename(file)}: of its lines not all became rows: ${answer}`);
  const kilobytes = Number(await readFile(memory, "utf8"));
  return { seconds, rows: Number(inserted), megabytes: Math.round(kilobytes / 1_024) };
}

/** The lines of a file of about so many MB, in blocks. */
function* textOf({ header, line }: TextFormat, megabytes: number): Generator<string> {
  const size = megabytes * 1_024 * 1_024;
  const end = new Date();
  const events = generateAccessLogEvents(Math.ceil(size / 100), {
    seed: 1,
    start: new Date(end.getTime() - 7 * 86_400_000),
    end,
  });
  let block = header === undefined ? "" : `${header}\n`;
  let written = 0;
  for (const event of events) {
    block += `${line(event)}\n`;
    if (block.length < BYTES_PER_WRITE) continue;
    yield block;
    written += block.length;
    block = "";
    if (written >= size) return;
  }
  yield block;
}
