import { type Command, Option } from "commander";
import { withContext } from "./with-context";

/** Registers `files move --to s3|disk`, which moves the files of exports and archives. */
export function registerFiles(program: Command): void {
  const files = program.command("files").description("move the files of exports and archives");
  files
    .command("move")
    .description("move files to the object store of FILES_URL, or to DATA_DIR; repeat it after an interruption")
    .addOption(new Option("--to <store>", "destination").choices(["s3", "disk"]).makeOptionMandatory())
    .action(async ({ to }: { to: "s3" | "disk" }) => {
      const { moveFiles } = await import("@/server/services/files");
      const result = await withContext((ctx, signal) =>
        moveFiles(ctx, to, {
          signal,
          onFile: (moved) => process.stderr.write(`${moved} files moved\n`),
        }),
      );
      process.stdout.write(`${JSON.stringify(result)}\n`);
    });
}
