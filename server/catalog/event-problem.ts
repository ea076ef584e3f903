import { phrasesOf } from "./phrases";

/**
 * Why an event cannot be a row, as `field: reason`: what dead letters hold and REST says. The reasons are listed
 * here, so that the interface can tell them apart and say them in other languages.
 */
const REASONS = {
  missing: "missing",
  not_object: "not a JSON object",
  not_json: "not JSON",
  too_deep: "nested too deep",
  deeper_than: "nested deeper than {max} levels",
  unwritable: "cannot be written as JSON",
  not_text: "not a text",
  not_text_or_number: "not a text or a number",
  longer_than: "longer than {max} characters",
  not_whole_number: "not a whole number",
  not_number: "not a number",
  below_one_ms: "between 0 and 1, but in milliseconds; a time in seconds is sent as request_time or duration_s",
  outside_range: "outside {min} to {max}",
  not_address: "not an IP address",
  not_time: "not a date and time",
  outside_years: "outside the years {min} to {max}",
  refused: "refused by the database ({code})",
  line_too_long: "longer than {max} MB; only its beginning is kept",
  event_too_long: "longer than {max} KB; only its beginning is kept",
  not_utf8: "not UTF-8 text; name its encoding, such as gb18030",
  more_cells: "more cells than the header",
  fewer_cells: "fewer cells than the header",
  unmatched_quotes: "its quotes do not match",
  unclosed_quote: "a quote is opened and never closed",
  not_one_row: "not one row with the header's fields",
  no_log_time: "no [day/Mon/year:hh:mm:ss ±zzzz], so this is no access log line",
  not_log_time: "not a date as [day/Mon/year:hh:mm:ss ±zzzz]",
  no_request: 'no "request" after the time',
  request_cut: "the request's closing quote and a status are missing; the line is cut off",
  cut_after_status: "missing; the line is cut off after the status",
  no_client: "no IP address before the time",
  cut_after_referer: "missing or without quotes; the line is cut off after the referer",
  quote_cut: "its closing quote is missing; the line is cut off",
} as const;

export type EventReason = keyof typeof REASONS;

const phrases = phrasesOf(REASONS, "[\\w.-]+");

export const EVENT_REASONS = Object.keys(REASONS) as EventReason[];

/** What stands in place of a reason's `{min}`, `{max}` and `{code}`. */
export type ReasonValues = Readonly<Partial<Record<"min" | "max" | "code", string | number>>>;

export interface EventProblem {
  /** A column, or what is no column: `event`, `row`, `line`, `document`. */
  readonly field: string;
  readonly reason: EventReason;
  readonly values: Readonly<Record<string, string>>;
}

/** `field: reason`, without the event's own value: so many letters have the same. */
export function problemText(field: string, reason: EventReason, values: ReasonValues = {}): string {
  return `${field}: ${phrases.say(reason, values)}`;
}

/** What problemText made the text from; null for a text of another making. */
export function readProblem(text: string): EventProblem | null {
  const [, field, words] = /^(\w+): (.*)$/.exec(text) ?? [];
  if (field === undefined || words === undefined) return null;
  const found = phrases.read(words);
  return found ? { field, reason: found.key, values: found.values } : null;
}
