import type { Command } from "commander";
import { Argument, InvalidArgumentError, Option } from "commander";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { encodingOf } from "@/server/catalog/encodings";
import { INTAKE_FORMATS } from "@/server/catalog/formats";
import type { IngestFlags } from "./ingest-file";

/**
 * Registers `ingest --table T [--format F] FILE…|- [--direct]`. Prints the result as one line of JSON on stdout; of
 * several files one line each, and one with the totals.
 */
export function registerIngest(program: Command): void {
  program
    .command("ingest")
    .description("import log files; a worker stores its events from the queue, unless --direct is given")
    .addArgument(
      new Argument(
        "<file...>",
        "files, also compressed, and patterns such as 'logs/*.gz'; rotated files are read oldest first; - for standard input",
      ),
    )
    .addOption(new Option("--table <table>", "log table").choices(LOG_TABLE_NAMES).makeOptionMandatory())
    .addOption(
      new Option("--format <format>", "format of the file").choices([...INTAKE_FORMATS, "auto"]).default("auto"),
    )
    .addOption(
      new Option(
        "--encoding <name>",
        "text encoding, such as gb18030 (default: UTF-8, or UTF-16 with a byte order mark)",
      ).argParser((name) => {
        if (encodingOf(name) !== undefined) return name;
        throw new InvalidArgumentError(
          "Must be an encoding of the WHATWG Encoding standard, such as gb18030 or utf-16le.",
        );
      }),
    )
    .option(
      "--source <name>",
      "origin, such as a host name; equal lines of different sources are different events (default: none)",
    )
    .option(
      "--map <mapping>",
      "how events become rows: the name of a mapping or preset, an nginx log_format, an Apache LogFormat, or pairs such as ip_address=client.ip,response_time=duration:s",
    )
    .option("--direct", "store events before the command ends, without the queue", false)
    .option("--follow", "read files while they are written, also rotated ones, until the command is stopped", false)
    .action(async (files: string[], flags: IngestFlags, command: Command) => {
      if (files.includes("-") && files.length > 1)
        command.error("error: - for standard input cannot be combined with files");
      if (flags.follow) {
        if (files.includes("-")) command.error("error: --follow needs files; standard input is always read to its end");
        const { followFiles } = await import("./ingest-follow");
        return await followFiles(files, flags);
      }
      const { ingestFiles } = await import("./ingest-files");
      await ingestFiles(files, flags);
    });
}
