import { randomUUID } from "node:crypto";
import { type Command, Option } from "commander";
import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import { AppError } from "@/server/lib/errors";
import { COMMAND_LINE } from "@/server/process/context";
import { makeProgressLines } from "./job-progress";
import { wholeNumber } from "./options";
import { withContext } from "./with-context";

const LATEST_ID = 2_147_483_647;
const MAX_LISTED = 1_000;

/** Registers `imports list`, which prints a line of JSON per import, and `imports undo ID --yes`. */
export function registerImports(program: Command): void {
  const imports = program.command("imports").description("list and undo imports");
  imports
    .command("list")
    .description("print one line of JSON per import, newest first")
    .addOption(new Option("--table <table>", "log table (default: all)").choices(LOG_TABLE_NAMES))
    .addOption(
      new Option("--limit <n>", `maximum number of imports: 1 to ${MAX_LISTED}`)
        .argParser(wholeNumber(1, MAX_LISTED))
        .default(50),
    )
    .action(async (query: { table?: LogTableName; limit: number }) => {
      const { listImports } = await import("@/server/services/imports");
      const { items } = await withContext((ctx) => listImports(ctx, query));
      for (const item of items) process.stdout.write(`${JSON.stringify(item)}\n`);
    });
  imports
    .command("undo")
    .description("delete the rows that an import inserted, and its dead letters")
    .argument("<id>", "import_id of the import", wholeNumber(1, LATEST_ID))
    .option("--yes", "confirm the deletion; required", false)
    .action(async (id: number, { yes }: { yes: boolean }) => {
      if (!yes) throw new AppError("cli.confirm", {});
      const { findUndoable, runUndo, undoDetails } = await import("@/server/services/imports");
      const { UNFENCED } = await import("@/server/services/jobs");
      const { recordAudit } = await import("@/server/services/audit");
      const result = await withContext(async (ctx, signal) => {
        const record = await findUndoable(ctx, id);
        const jobId = randomUUID();
        await recordAudit(ctx, COMMAND_LINE, "import.undo", undoDetails(record, jobId));
        return await runUndo(ctx, {
          id: jobId,
          params: { import_id: id, table: record.table },
          requestedBy: COMMAND_LINE.name,
          attempt: 1,
          signal,
          fence: UNFENCED,
          progress: makeProgressLines(),
        });
      });
      process.stdout.write(`${JSON.stringify(result)}\n`);
    });
}
