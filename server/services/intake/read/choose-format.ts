import { type LogTableName, logTables } from "@/server/catalog";
import { detectFormat, type IntakeFormat } from "@/server/catalog/formats";
import { AppError, fieldError } from "@/server/lib/errors";
import { guessEncoding } from "./guess-encoding";
import { peek } from "./peek";
import { decodeWithEscapes, isUtf8Beginning } from "./utf8";

const PEEKED_BYTES = 64 * 1024;

/**
 * Determines the format of a text from its beginning unless one is given, and returns the whole text.
 * @param bytes expected to be UTF-8
 * @throws AppError UNPROCESSABLE when the format cannot be determined, or when the text has another encoding: log lines
 * keep invalid bytes as `\xNN`, but other formats would be corrupted
 */
export async function chooseFormat(
  bytes: AsyncIterable<Uint8Array>,
  requested: IntakeFormat | "auto",
  table: LogTableName,
): Promise<{ format: IntakeFormat; chunks: AsyncIterable<Uint8Array> }> {
  const { head, all } = await peek(bytes, PEEKED_BYTES);
  try {
    const format = requested === "auto" ? formatOf(head) : requested;
    if (format !== "combined") refuseOtherEncodings(head);
    if (format === "combined" && !logTables[table].acceptsLogLines) {
      throw new AppError("intake.log_lines", { table });
    }
    return { format, chunks: all };
  } catch (error) {
    await all.return(undefined);
    throw error;
  }
}

function formatOf(head: Uint8Array): IntakeFormat {
  if (head.length === 0) return "ndjson";
  const format = detectFormat(decodeWithEscapes(head));
  if (format !== undefined) return format;
  refuseOtherEncodings(head);
  throw new AppError("intake.format_unknown", {});
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
