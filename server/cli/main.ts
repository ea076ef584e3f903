import { Command, CommanderError } from "commander";
import product from "@/package.json" with { type: "json" };
import { AppError } from "@/server/lib/errors";
import { runMain } from "@/server/process/run-main";
import { registerApiKey } from "./api-key";
import { registerArchives } from "./archives";
import { registerBackup } from "./backup";
import { registerCleanup } from "./cleanup";
import { registerExport } from "./export";
import { registerFiles } from "./files";
import { registerImports } from "./imports";
import { registerIngest } from "./ingest";
import { registerMigrate } from "./migrate";
import { registerSegments } from "./segments";
import { registerUser } from "./user";

const WRONG_USAGE = 2;

/** Creates the program. Each command loads its modules when it is run. */
function makeProgram(): Command {
  const program = new Command("npm run -s cli --")
    .description("Prints results on stdout and progress on stderr. Exit codes: 0 success, 1 failure, 2 wrong usage.")
    .version(product.version, "--version", "print the version")
    .exitOverride()
    .showHelpAfterError("Run the command with --help to see its usage.");
  registerMigrate(program);
  registerUser(program);
  registerApiKey(program);
  registerIngest(program);
  registerImports(program);
  registerExport(program);
  registerCleanup(program);
  registerArchives(program);
  registerFiles(program);
  registerSegments(program);
  registerBackup(program);
  return program;
}

void runMain(async () => {
  try {
    await makeProgram().parseAsync(process.argv);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
    if (error instanceof AppError && (error.kind === "UNPROCESSABLE" || error.kind === "BAD_REQUEST")) {
      process.stderr.write(`${error.message}\n`);
      return WRONG_USAGE;
    }
    throw error;
  }
});
