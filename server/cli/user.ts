import { type Command, Option } from "commander";
import { COMMAND_LINE, type Role } from "@/server/process/context";
import { roleOption } from "./options";
import { readPassword } from "./read-password";
import { withContext } from "./with-context";

const VISIBLE =
  "Other users of this machine can see a password that is given as an argument. Use standard input instead.";

const loadAccounts = () => import("@/server/services/accounts");

export function registerUser(program: Command): void {
  const user = program.command("user").description("manage users");

  user
    .command("create")
    .description("create a user; reads the password (12 to 128 characters) from standard input")
    .requiredOption("--email <address>", "email address to sign in with")
    .option("--password-stdin", "read the password from standard input (default)")
    .addOption(
      new Option(
        "--password <password>",
        "password; visible to other users of this machine in the process list",
      ).conflicts("passwordStdin"),
    )
    .addOption(roleOption())
    .option("--expires <date>", "last day of access, such as 2026-12-31, in APP_TIMEZONE")
    .action(async (given: { email: string; password?: string; role: Role; expires?: string }) => {
      const { email, role, expires: expires_on = null } = given;
      const { createUser } = await loadAccounts();
      if (given.password !== undefined) process.stderr.write(`${VISIBLE}\n`);
      const password = given.password ?? (await readPassword());
      const created = await withContext((context) => createUser(context, { email, password, role, expires_on }));
      process.stdout.write(`${created.email}\n`);
    });

  user
    .command("list")
    .description("print one line of JSON per user")
    .action(async () => {
      const { listUsers } = await loadAccounts();
      for (const one of await withContext((context) => listUsers(context))) {
        process.stdout.write(`${JSON.stringify(one)}\n`);
      }
    });

  user
    .command("disable")
    .description("end all sessions of a user and block sign-in")
    .requiredOption("--email <address>", "email address of the user")
    .action(async ({ email }: { email: string }) => {
      const { disableUser, findUserId } = await loadAccounts();
      await withContext(async (context) => disableUser(context, await findUserId(context, email), COMMAND_LINE));
    });

  user
    .command("enable")
    .description("allow a disabled user to sign in again")
    .requiredOption("--email <address>", "email address of the user")
    .action(async ({ email }: { email: string }) => {
      const { enableUser, findUserId } = await loadAccounts();
      await withContext(async (context) => enableUser(context, await findUserId(context, email), COMMAND_LINE));
    });

  user
    .command("reset-password")
    .description("set a new random password and print it on stdout; it is not shown again")
    .requiredOption("--email <address>", "email address of the user")
    .action(async ({ email }: { email: string }) => {
      const { findUserId, replacePassword } = await loadAccounts();
      const { password } = await withContext(async (context) =>
        replacePassword(context, await findUserId(context, email), COMMAND_LINE),
      );
      process.stdout.write(`${password}\n`);
    });
}
