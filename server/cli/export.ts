import { randomUUID } from "node:crypto";
import path from "node:path";
import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import { LOCALES } from "@/messages/locales";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { EXPORT_CHOICES, EXPORT_COMPRESSIONS, EXPORT_FORMAT_NAMES } from "@/server/catalog/export-formats";
import { AppError } from "@/server/lib/errors";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { openContext } from "@/server/process/open-context";
import { StartError } from "@/server/process/start-error";
import { stopSignal } from "@/server/process/stop-signal";
import { recordAudit } from "@/server/services/audit";
import { checkExport, type ExportRun, exportToFile, runExport } from "@/server/services/exports";
import { type ExportParams, exportInput } from "@/server/services/exports/contract";
import { UNFENCED } from "@/server/services/jobs";
import { requireWritable } from "./output";

interface ExportFlags {
  readonly type: ExportParams["export_type"];
  readonly format: ExportParams["format"];
  readonly start: string;
  readonly end: string;
  readonly out?: string;
  readonly compress: ExportParams["compress"];
  readonly bom: boolean;
  readonly includeArchived: boolean;
  readonly headers: NonNullable<ExportParams["headers"]>;
  readonly json: ExportParams["json_columns"];
}

const PROGRESS_EVERY_MS = 2_000;

/**
 * Registers `export --type T --format F --start T --end T [--out FILE]`, which writes to FILE, or to the exports folder
 * with a record in the database. The result is one line of JSON on stdout.
 */
export function registerExport(program: Command): void {
  program
    .command("export")
    .description("export log rows or a statistics report")
    .addOption(
      new Option("--type <type>", "log table, or statistics")
        .choices([...LOG_TABLE_NAMES, "statistics"])
        .makeOptionMandatory(),
    )
    .addOption(new Option("--format <format>", "file format").choices(EXPORT_FORMAT_NAMES).makeOptionMandatory())
    .requiredOption(
      "--start <time>",
      "start, inclusive, such as 2024-01-31 or 2024-01-31T08:00:00Z; without an offset in APP_TIMEZONE",
    )
    .requiredOption("--end <time>", "end, inclusive; a date without a time includes the whole day")
    .option("--out <file>", "output file (default: a file in the exports folder, which can be downloaded)")
    .addOption(new Option("--compress <method>", "compression").choices(EXPORT_COMPRESSIONS).default("none"))
    .option("--bom", "start CSV with a UTF-8 byte order mark, so that Excel displays Chinese correctly", false)
    .option("--include-archived", "include the rows of archives; not for statistics", false)
    .addOption(
      new Option("--headers <language>", "column names of CSV and Excel files, or their names in a language")
        .choices(["names", ...LOCALES])
        .default("names"),
    )
    .option(
      "--json <field>",
      "a member of a JSON column as a column, such as details.amount or details.amount=number; repeatable; all: all members that the rows have",
      addJsonColumn,
    )
    .action(async (flags: ExportFlags) => {
      const signal = stopSignal();
      const { context, close } = await openContext("cli");
      try {
        process.stdout.write(`${JSON.stringify(await exportRows(context, flags, signal))}\n`);
      } catch (error) {
        if (signal.aborted) throw new StartError("Interrupted.", { cause: error });
        if (error instanceof AppError && error.kind === "INTERNAL") context.log.error({ err: error.cause });
        throw error;
      } finally {
        await close();
      }
    });
}

async function exportRows(context: Context, flags: ExportFlags, signal: AbortSignal): Promise<object> {
  const { type, format, start, end, out, compress, bom, includeArchived, headers, json } = flags;
  const params = {
    export_type: type,
    format,
    start_date: start,
    end_date: end,
    filters: {},
    compress,
    bom,
    ...(includeArchived ? { include_archived: true } : {}),
    ...(headers === "names" ? {} : { headers }),
    ...(json === undefined ? {} : { json_columns: json }),
  } satisfies ExportParams;
  if (out !== undefined) await requireWritable(path.resolve(out));
  const preview = await checkExport(context, params);
  // The arguments are valid, so this is not a usage error.
  const variable = EXPORT_CHOICES[format].isColumnar ? "MAX_EXPORT_ROWS_COLUMNAR" : "MAX_EXPORT_ROWS";
  if (preview?.over_limit) throw new StartError(`The export exceeds the limit of ${preview.limit} rows (${variable}).`);
  const run: ExportRun = {
    id: randomUUID(),
    params,
    requestedBy: COMMAND_LINE.name,
    attempt: 1,
    signal,
    fence: UNFENCED,
    progress: showRows(),
  };
  await recordAudit(context, COMMAND_LINE, "export.start", { export_id: run.id, ...params, ...(out ? { out } : {}) });
  if (out === undefined) return runExport(context, run);
  const file = path.resolve(out);
  const { rowCount, sizeBytes, sha256 } = await exportToFile(context, run, file);
  return { file_path: file, format, row_count: rowCount, size_bytes: sizeBytes, sha256 };
}

const WITH_TYPE = /^(.*)=(number|boolean|text)$/s;

/** @throws InvalidArgumentError */
function addJsonColumn(value: string, before: ExportParams["json_columns"]): ExportParams["json_columns"] {
  const [, field = value, type] = WITH_TYPE.exec(value) ?? [];
  const next = value === "all" ? value : [...(Array.isArray(before) ? before : []), { field, type }];
  const parsed = exportInput.shape.json_columns.safeParse(next);
  if (before === "all" || (before !== undefined && value === "all") || !parsed.success) {
    throw new InvalidArgumentError("Use --json all alone, or --json FIELD up to 100 times.");
  }
  return parsed.data;
}

function showRows(): ExportRun["progress"] {
  let next = Date.now() + PROGRESS_EVERY_MS;
  return ({ done, total }) => {
    if (Date.now() < next) return;
    next = Date.now() + PROGRESS_EVERY_MS;
    process.stderr.write(`${done.toLocaleString("en")}${total ? ` of ${total.toLocaleString("en")}` : ""} rows\n`);
  };
}
