import type { Command } from "commander";
import { withContext } from "./with-context";

export function registerMigrate(program: Command): void {
  program
    .command("migrate")
    .description("bring the database to the newest schema")
    .action(async () => {
      // Opening a context migrates.
      await withContext(async () => {});
      process.stderr.write("The database has the newest schema.\n");
    });
}
