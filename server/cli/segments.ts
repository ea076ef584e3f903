import { type Command, InvalidArgumentError, Option } from "commander";
import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import { parseRangeEnd, parseRangeStart } from "@/server/lib/time";
import { StartError } from "@/server/process/start-error";
import { withContext } from "./with-context";

/** Registers `segments status|rebuild|verify`. */
export function registerSegments(program: Command): void {
  const segments = program.command("segments").description("the column files that queries read");
  segments
    .command("status")
    .description("print how much of each log table is in segments, one JSON object a line")
    .action(async () => {
      const { segmentStatus } = await import("@/server/services/segments");
      for (const status of await withContext((ctx) => segmentStatus(ctx))) print(status);
    });
  segments
    .command("rebuild")
    .description("write segments again from the rows, and wait until they are written")
    .addOption(tableOption())
    .option("--start <time>", "only hours from this time", parseTime)
    .option("--end <time>", "only hours up to this time", parseTime)
    .action(async ({ table, start, end }: { table?: LogTableName; start?: string; end?: string }) => {
      const { rebuildSegments } = await import("@/server/services/segments");
      const hours = await withContext(async (ctx, signal) => {
        const { timeZone } = ctx.config;
        return await rebuildSegments(ctx, {
          tables: tablesOf(table),
          range: {
            from: (start && parseRangeStart(start, timeZone)) || "-infinity",
            to: (end && parseRangeEnd(end, timeZone)) || "infinity",
          },
          signal,
          onProgress: makeHourLines(),
        });
      });
      print({ hours });
    });
  segments
    .command("verify")
    .description("compare checksums and numbers of rows with PostgreSQL; what differs is written again")
    .addOption(tableOption())
    .action(async ({ table }: { table?: LogTableName }) => {
      const { verifySegments } = await import("@/server/services/segments");
      const results = await withContext(async (ctx, signal) => {
        const found = [];
        for (const name of tablesOf(table)) {
          const onFile = (verified: number, total: number) =>
            process.stderr.write(`${name}: ${verified} of ${total} files verified\n`);
          found.push(await verifySegments(ctx, name, { signal, onFile }));
        }
        return found;
      });
      for (const result of results) print(result);
      const isRight = results.every(({ damaged, different_hours }) => damaged.length + different_hours.length === 0);
      if (!isRight)
        throw new StartError("Segments differ from the rows. Until they are written again, queries read PostgreSQL.");
    });
}

function print(result: object): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

function tableOption(): Option {
  return new Option("--table <table>", "only this log table").choices([...LOG_TABLE_NAMES]);
}

function tablesOf(table: LogTableName | undefined): readonly LogTableName[] {
  return table ? [table] : LOG_TABLE_NAMES;
}

function parseTime(text: string): string {
  if (parseRangeStart(text, "UTC") !== undefined) return text;
  throw new InvalidArgumentError("Must be an ISO 8601 time, such as 2026-01-31.");
}

/** At most one line every two seconds. */
function makeHourLines(): (left: number) => void {
  let next = 0;
  return (left) => {
    if (Date.now() < next) return;
    next = Date.now() + 2_000;
    process.stderr.write(`${left.toLocaleString("en")} hours left\n`);
  };
}
