import { type LogTableName, logTables } from "@/server/catalog";
import { detectFormat, type IntakeFormat } from "@/server/catalog/formats";
import { AppError, fieldError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import type { Mapping } from "../mappings/mapping";
import { detectMapping } from "./detect-mapping";
import { guessEncoding } from "./guess-encoding";
import { peek } from "./peek";
import { decodeWithEscapes, isUtf8Beginning } from "./utf8";

const PEEKED_BYTES = 64 * 1024;

/**
 * Determines the format of a text, and the preset that reads it, from its beginning unless given, and returns the whole
 * text.
 * @param bytes expected to be UTF-8
 * @param mapping the mapping that was requested
 * @param isKnown whether the format was detected before, so that no preset is tried
 * @throws AppError UNPROCESSABLE when the format cannot be determined, or when the text has another encoding: log lines
 * keep invalid bytes as `\xNN`, but other formats would be corrupted
 */
export async function chooseFormat(
  ctx: Pick<Context, "config" | "geolocation" | "now">,
  bytes: AsyncIterable<Uint8Array>,
  requested: IntakeFormat | "auto",
  table: LogTableName,
  mapping: Mapping | undefined,
  isKnown = false,
): Promise<{ format: IntakeFormat; preset?: string; chunks: AsyncIterable<Uint8Array> }> {
  const { head, all } = await peek(bytes, PEEKED_BYTES);
  try {
    const known = requested === "auto" ? formatOf(head, mapping) : requested;
    if (known === "combined" && !logTables[table].acceptsLogLines) {
      throw new AppError("intake.log_lines", { table });
    }
    const detected = mapping || isKnown ? undefined : await detectMapping(ctx, decodeWithEscapes(head), known, table);
    const format = detected?.format ?? known;
    if (format !== "combined") refuseOtherEncodings(head);
    if (format === undefined) throw new AppError("intake.format_unknown", {});
    return { format, preset: detected?.preset, chunks: all };
  } catch (error) {
    await all.return(undefined);
    throw error;
  }
}

/** Undefined: unknown without a preset. */
function formatOf(head: Uint8Array, mapping: Mapping | undefined): IntakeFormat | undefined {
  if (mapping && mapping.reads.kind !== "events") return "combined";
  if (head.length === 0) return "ndjson";
  const text = decodeWithEscapes(head);
  const format = detectFormat(text);
  if (!mapping || (format !== undefined && format !== "combined")) return format;
  // The columns of a mapping have names that are not known.
  return "csv";
}

/** An invalid line among UTF-8 lines is rejected on its own. */
function refuseOtherEncodings(head: Uint8Array): void {
  const guess = isUtf8Beginning(head) && !head.includes(0) ? undefined : guessEncoding(head);
  if (guess === undefined || hasUtf8Characters(head)) return;
  throw new AppError(
    "intake.other_encoding",
    { encoding: guess },
    {
      errors: [fieldError("encoding", "input.looks_like", { encoding: guess })],
    },
  );
}

function hasUtf8Characters(head: Uint8Array): boolean {
  const text = Buffer.from(head).toString("latin1");
  return text.split("\n").some((line) => /[\x80-\xff]/.test(line) && isUtf8Beginning(Buffer.from(line, "latin1")));
}
