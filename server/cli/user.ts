import { type Command, Option } from "commander";
import { COMMAND_LINE, type Role } from "@/server/process/context";
import { roleOption } from "./options";
import { readPassword } from "./read-password";
import { withContext } from "./with-context";

const VISIBLE =
  "A password among the arguments can be seen by other users of the machine: give it on standard input instead.";

const loadAccounts = () => import("@/server/services/accounts");

export function registerUser(program: Command): void {
  const user = program.command("user").description("people who sign in");

  user
    .command("create")
    .description("make a user; the password is read from standard input, 12 to 128 characters")
    .requiredOption("--email <address>", "what they sign in with")
    .option("--password-stdin", "read the password from standard input, as without it")
    .addOption(
      new Option(
        "--password <password>",
        "the password, which other users of the machine can see in the list of processes",
      ).conflicts("passwordStdin"),
    )
    .addOption(roleOption())
    .action(async ({ email, role, ...given }: { email: string; password?: string; role: Role }) => {
      const { createUser } = await loadAccounts();
      if (given.password !== undefined) process.stderr.write(`${VISIBLE}\n`);
      const password = given.password ?? (await readPassword());
      const made = await withContext((context) => createUser(context, { email, password, role }));
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
