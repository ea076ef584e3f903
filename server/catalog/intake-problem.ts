import { type PhraseValues, phrasesOf } from "./phrases";

/**
 * Why a file or request was not taken in, or an import not undone. The words are listed here, so that the interface
 * can tell them apart and say them in other languages. `{reason}` is
 * that of an event, or another refusal.
 */
export const INTAKE_PROBLEMS = {
  first_refused:
    "The first {count} records were all refused for one reason ({reason}), so nothing more was read. Check the format and the table.",
  format_unknown:
    "The format cannot be told from the beginning: it is no UTF-8 text of log lines, JSON or CSV with a header of column names. Name the format.",
  other_encoding:
    "The text is not UTF-8; it looks like {encoding}. Name its encoding: --encoding {encoding} of the CLI, ?encoding={encoding} of the API.",
  log_lines: "Web server log lines cannot be rows of {table}.",
  not_gzip: "The body is not gzip, as its Content-Encoding says.",
  gzip_cut_off: "The gzip archive is cut off.",
  gzip_damaged: "The gzip archive is damaged.",
  gzip_ratio: "The gzip archive unpacks to more than {ratio} times its size, as no log does. Send it unpacked.",
  document_invalid: "The document is not valid JSON.",
  document_not_utf8: "The document is not UTF-8 text. Name its encoding, such as ?encoding=gb18030.",
  document_shape: 'Send an array of events, {"items": […]} or one event as an object.',
  document_too_long:
    "A JSON document may have at most {max} MB. Send more as lines: one JSON object a line (NDJSON) has no limit.",
  upload_broken: "The upload broke off.",
  stopped: "The intake was stopped.",
  none_stored: "No record became a row.",
  undone: "The import was undone while it was read.",
  undone_already: "Import {id} has been undone already.",
  taken: "{reason} The first {received} records were taken before ({counts}); sent again, they are not stored twice.",
  taken_untraceable:
    "{reason} The first {received} records were taken before ({counts}); sent again, those that bring neither a time nor an id are stored once more.",
} as const;

export type IntakeProblem = keyof typeof INTAKE_PROBLEMS;

const phrases = phrasesOf(INTAKE_PROBLEMS);

/** The words of a refusal, with `{…}` filled in. */
export function intakeProblemText(problem: IntakeProblem, values?: PhraseValues): string {
  return phrases.say(problem, values);
}

/** The refusal behind a text, and its values; undefined for other words. */
export function readIntakeProblem(text: string) {
  const found = phrases.read(text);
  return found && { problem: found.key, values: found.values };
}
