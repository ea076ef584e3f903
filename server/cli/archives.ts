import type { Command } from "commander";
import { withContext } from "./with-context";

/** Registers `archives convert`, which converts archives of version 0.1 to Parquet. */
export function registerArchives(program: Command): void {
  const archives = program.command("archives").description("convert archives");
  archives
    .command("convert")
    .description("convert CSV archives to Parquet, which is searched faster; repeat it after an interruption")
    .argument("[ids...]", "the archives; all CSV archives if omitted")
    .action(async (ids: string[]) => {
      const { convertArchives } = await import("@/server/services/retention");
      const result = await withContext((ctx, signal) =>
        convertArchives(ctx, ids, {
          signal,
          onArchive: ({ path, rowCount }) => process.stderr.write(`${path}: ${rowCount} rows\n`),
        }),
      );
      process.stdout.write(`${JSON.stringify(result)}\n`);
    });
}
