import type { Command } from "commander";
import type { Role } from "@/server/context";
import { roleOption } from "./options";
import { withContext } from "./with-context";

export function registerUser(program: Command): void {
  program
    .command("user")
    .description("people who sign in")
    .command("create")
    .description("make a user")
    .requiredOption("--email <address>", "what they sign in with")
    .requiredOption("--password <password>", "12 to 128 characters")
    .addOption(roleOption())
    .action(async (options: { email: string; password: string; role: Role }) => {
      const { createUser } = await import("@/server/services/accounts");
      const user = await withContext((context) => createUser(context, options));
      process.stdout.write(`${user.email}\n`);
    });
}
