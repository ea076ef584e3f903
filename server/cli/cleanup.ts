import { randomUUID } from "node:crypto";
import { type Command, Option } from "commander";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { AppError } from "@/server/lib/errors";
import { COMMAND_LINE } from "@/server/process/context";
import { StartError } from "@/server/process/start-error";
import { recordAudit } from "@/server/services/audit";
import type { JobParams } from "@/server/services/jobs";
import { makeProgressLines } from "./job-progress";
import { wholeNumber } from "./options";
import { withContext } from "./with-context";

interface CleanupFlags {
  readonly type: JobParams<"cleanup">["task_type"];
  readonly days: number;
  readonly dryRun: boolean;
  readonly archive: boolean;
  readonly yes: boolean;
}

/** Registers `cleanup --type T --days N [--dry-run] [--no-archive] --yes`. The result is one line of JSON on stdout. */
export function registerCleanup(program: Command): void {
  program
    .command("cleanup")
    .description("archive and delete rows, or delete export files, older than a number of days")
    .addOption(
      new Option("--type <type>", "log table, or exports")
        .choices([...LOG_TABLE_NAMES, "exports"])
        .makeOptionMandatory(),
    )
    .addOption(
      new Option("--days <days>", "days to keep: 0 to 3650").argParser(wholeNumber(0, 3650)).makeOptionMandatory(),
    )
    .option("--dry-run", "count what would be deleted; delete nothing", false)
    .option("--no-archive", "delete rows without archiving them")
    .option("--yes", "confirm the deletion; required without --dry-run", false)
    .action(async ({ type, days, dryRun, archive, yes }: CleanupFlags) => {
      if (!dryRun && !yes) {
        throw new AppError("cli.confirm_cleanup", {});
      }
      const { runCleanup } = await import("@/server/services/retention");
      const { JobStopped, UNFENCED } = await import("@/server/services/jobs");
      const show = (result: object) => process.stdout.write(`${JSON.stringify(result)}\n`);
      await withContext(async (ctx, signal) => {
        const params = { task_type: type, days_to_keep: days, dry_run: dryRun, archive, keep_restored: false };
        const job = {
          id: randomUUID(),
          params,
          requestedBy: COMMAND_LINE.name,
          attempt: 1,
          signal,
          fence: UNFENCED,
          progress: makeProgressLines(),
        };
        if (!dryRun) await recordAudit(ctx, COMMAND_LINE, "cleanup.start", { cleanup_id: job.id, ...params });
        try {
          show(await runCleanup(ctx, job));
        } catch (error) {
          if (!(error instanceof JobStopped)) throw error;
          show(error.result);
          if (error.cause !== undefined) throw error.cause;
          throw new StartError("Interrupted. Rows deleted so far are not restored.");
        }
      });
    });
}
