import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { lstat, open, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { Writable } from "node:stream";
import type { Command } from "commander";
import { StartError } from "@/server/process/start-error";
import { openInput } from "./input";
import { explainOutputError, requireWritable } from "./output";
import { withDatabase } from "./with-context";

const PROGRESS_EVERY_MS = 2_000;

interface BackupFlags {
  readonly verify: boolean;
  readonly files: boolean;
}

/** Registers `backup FILE|- [--no-files]` and `backup --verify FILE|-`. The result is one line of JSON on stdout. */
export function registerBackup(program: Command): void {
  program
    .command("backup")
    .description("back up the database, the files of exports and archives, and the secret, while the product runs")
    .argument("<file>", "tar file to create, or - for standard output")
    .option("--no-files", "list the files of exports and archives instead of including them")
    .option("--verify", "read an existing backup and compare it with its checksums", false)
    .action(async (file: string, flags: BackupFlags) => {
      if (flags.verify) {
        const { verifyBackup } = await import("@/server/services/backup");
        const { bytes } = await openInput(file);
        process.stdout.write(`${JSON.stringify(await verifyBackup(bytes))}\n`);
      } else if (file === "-") {
        if (process.stdout.isTTY) throw new StartError("Standard output is a terminal: redirect it, or name a file.");
        process.stderr.write(`${JSON.stringify(await backUpToOutput(flags))}\n`);
      } else {
        process.stdout.write(`${JSON.stringify(await backUpToFile(path.resolve(file), flags))}\n`);
      }
    });

  program
    .command("restore")
    .description("restore a backup into an empty database and into this machine's file store")
    .argument("<file>", "backup, or - for standard input")
    .action(async (file: string) => {
      const { restoreBackup } = await import("@/server/services/backup");
      const { bytes } = await openInput(file);
      const summary = await withDatabase((opened) =>
        restoreBackup({ ...opened, source: bytes, onProgress: makeProgressText(), onNotice: showNotice }),
      );
      process.stdout.write(`${JSON.stringify(summary)}\n`);
    });
}

async function backUp(destination: Writable, name: string, { files }: BackupFlags) {
  const { createBackup } = await import("@/server/services/backup");
  return await withDatabase((opened) =>
    createBackup({
      ...opened,
      destination,
      name,
      withFiles: files,
      onProgress: makeProgressText(),
      onNotice: showNotice,
    }),
  );
}

async function backUpToOutput(flags: BackupFlags) {
  try {
    return await backUp(process.stdout, "-", flags);
  } catch (error) {
    throw explainOutputError(error, "The standard output");
  }
}

/** The file appears when it is complete. An interrupted backup leaves at most a file that ends with `.part`. */
async function backUpToFile(file: string, flags: BackupFlags) {
  const part = `${file}.${process.pid}.part`;
  await requireWritable(file);
  if (await lstat(file).catch(() => undefined)) throw new StartError(`${file} exists already.`);
  try {
    const handle = await open(part, "wx", 0o600);
    await handle.close();
    const output = createWriteStream(part, { flush: true });
    const closed = once(output, "close");
    // An error of the file is also thrown by backUp, earlier.
    closed.catch(() => {});
    const summary = await backUp(output, path.basename(file), flags);
    await closed;
    await rename(part, file);
    return { file, ...summary };
  } catch (error) {
    await rm(part, { force: true });
    throw explainOutputError(error, file);
  }
}

function showNotice(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Creates a function that prints what is in progress on stderr, at most every two seconds. */
function makeProgressText(): (text: string) => void {
  let next = Date.now() + PROGRESS_EVERY_MS;
  return (text) => {
    if (Date.now() < next) return;
    next = Date.now() + PROGRESS_EVERY_MS;
    showNotice(text);
  };
}
