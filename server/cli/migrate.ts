import type { Command } from "commander";
import { finishMigrations } from "@/server/process/schema";
import { withContext } from "./with-context";

export function registerMigrate(program: Command): void {
  program
    .command("migrate")
    .description("apply database migrations and complete their long work")
    .action(async () => {
      // Opening a context applies the migrations; long work remains.
      const line = await withContext(finishMigrations);
      process.stderr.write(`${line}\n`);
    });
}
