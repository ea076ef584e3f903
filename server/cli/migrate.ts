import type { Command } from "commander";
import { withContext } from "./with-context";

export function registerMigrate(program: Command): void {
  program
    .command("migrate")
    .description("apply database migrations")
    .action(async () => {
      // Opening a context migrates the database.
      await withContext(async () => {});
      process.stderr.write("The database schema is up to date.\n");
    });
}
