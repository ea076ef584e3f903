import type { Command } from "commander";
import { COMMAND_LINE, type Role } from "@/server/context";
import { roleOption } from "./options";
import { withContext } from "./with-context";

const loadAccounts = () => import("@/server/services/accounts");

export function registerUser(program: Command): void {
  const user = program.command("user").description("people who sign in");

  user
    .command("create")
    .description("make a user")
    .requiredOption("--email <address>", "what they sign in with")
    .requiredOption("--password <password>", "12 to 128 characters")
    .addOption(roleOption())
    .action(async (options: { email: string; password: string; role: Role }) => {
      const { createUser } = await loadAccounts();
      const made = await withContext((context) => createUser(context, options));
      process.stdout.write(`${made.email}\n`);
    });

  user
    .command("list")
    .description("one line of JSON a user")
    .action(async () => {
      const { listUsers } = await loadAccounts();
      for (const one of await withContext((context) => listUsers(context))) {
        process.stdout.write(`${JSON.stringify(one)}\n`);
      }
    });

  user
    .command("disable")
    .description("end a user's sessions, and let them sign in no more")
    .requiredOption("--email <address>", "who")
    .action(async ({ email }: { email: string }) => {
      const { disableUser, findUserId } = await loadAccounts();
      await withContext(async (context) => disableUser(context, await findUserId(context, email), COMMAND_LINE));
    });

  user
    .command("enable")
    .description("let a disabled user sign in again")
    .requiredOption("--email <address>", "who")
    .action(async ({ email }: { email: string }) => {
      const { enableUser, findUserId } = await loadAccounts();
      await withContext(async (context) => enableUser(context, await findUserId(context, email), COMMAND_LINE));
    });

  user
    .command("reset-password")
    .description("give a user a new random password and print it, this once, alone on stdout")
    .requiredOption("--email <address>", "who")
    .action(async ({ email }: { email: string }) => {
      const { findUserId, replacePassword } = await loadAccounts();
      const { password } = await withContext(async (context) =>
        replacePassword(context, await findUserId(context, email), COMMAND_LINE),
      );
      process.stdout.write(`${password}\n`);
    });
}
