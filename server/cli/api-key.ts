import type { Command } from "commander";
import type { Role } from "@/server/process/context";
import { roleOption, wholeNumber } from "./options";
import { withContext } from "./with-context";

export function registerApiKey(program: Command): void {
  program
    .command("api-key")
    .description("keys for programs")
    .command("create")
    .description("make a key and print it, this once, alone on stdout")
    .requiredOption("--name <name>", "what uses it")
    .addOption(roleOption())
    .option("--expires-days <days>", "days until it expires (default: never)", wholeNumber(1, 3650))
    .action(async (options: { name: string; role: Role; expiresDays?: number }) => {
      const { createApiKey } = await import("@/server/services/accounts");
      const { key } = await withContext((context) => createApiKey(context, options));
      process.stdout.write(`${key}\n`);
    });
}
