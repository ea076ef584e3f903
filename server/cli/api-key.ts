import type { Command } from "commander";
import type { Role } from "@/server/process/context";
import { roleOption, wholeNumber } from "./options";
import { withContext } from "./with-context";

export function registerApiKey(program: Command): void {
  program
    .command("api-key")
    .description("manage API keys")
    .command("create")
    .description("create a key and print it on stdout; it is not shown again")
    .requiredOption("--name <name>", "name of the client")
    .addOption(roleOption())
    .option("--expires-days <days>", "days until the key expires: 1 to 3650 (default: never)", wholeNumber(1, 3650))
    .action(async ({ expiresDays, ...input }: { name: string; role: Role; expiresDays?: number }) => {
      const { createApiKey } = await import("@/server/services/accounts");
      const { key } = await withContext((context) => createApiKey(context, { ...input, expires_days: expiresDays }));
      process.stdout.write(`${key}\n`);
    });
}
