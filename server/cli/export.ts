import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import { LOCALES } from "@/messages/locales";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { EXPORT_COMPRESSIONS, EXPORT_FORMAT_NAMES } from "@/server/catalog/export-formats";
import { AppError } from "@/server/lib/errors";
import { StartError } from "@/server/process/start-error";
import { stopSignal } from "@/server/process/stop-signal";
import { type ExportParams, exportInput } from "@/server/services/exports/contract";

export interface ExportFlags {
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
      const { openContext } = await import("@/server/process/open-context");
      const { exportRows } = await import("./export-rows");
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
