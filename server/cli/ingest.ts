import type { Command } from "commander";
import { Argument, InvalidArgumentError, Option } from "commander";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { encodingOf } from "@/server/catalog/encodings";
import { INTAKE_FORMATS } from "@/server/catalog/formats";
import type { IngestFlags } from "./ingest-file";

/** `ingest --table T [--format F] FILE|- [--direct]`: the result is one line of JSON on stdout, the rest on stderr. */
export function registerIngest(program: Command): void {
  program
    .command("ingest")
    .description("take in a log file; without --direct it goes to the queue, and a worker stores it")
    .addArgument(new Argument("<file>", "a file, .gz too, or - for standard input"))
    .addOption(new Option("--table <table>", "where it belongs").choices(LOG_TABLE_NAMES).makeOptionMandatory())
    .addOption(new Option("--format <format>", "what it holds").choices([...INTAKE_FORMATS, "auto"]).default("auto"))
    .addOption(
      new Option(
        "--encoding <name>",
        "of the text, such as gb18030; without it UTF-8, or UTF-16 by its mark",
      ).argParser((name) => {
        if (encodingOf(name) !== undefined) return name;
        throw new InvalidArgumentError("Use a name of the WHATWG standard, such as gb18030 or utf-16le.");
      }),
    )
    .option("--source <name>", "where it comes from, such as a host: equal lines of two sources are two events")
    .option("--direct", "store it before the command ends, without the queue", false)
    .action(async (file: string, flags: IngestFlags) => {
      const { ingestFile } = await import("./ingest-file");
      await ingestFile(file, flags);
    });
}
