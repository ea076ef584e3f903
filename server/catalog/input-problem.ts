import { type PhraseValues, phrasesOf } from "./phrases";

/**
 * What is wrong with a parameter of a request: what a refusal says after its name. The words are listed here, so that
 * the interface can tell them apart and say them in other languages.
 */
export const INPUT_PROBLEMS = {
  unknown_filter: "unknown filter",
  unknown_column: "unknown column",
  named_twice: "named twice",
  not_for_report: "none for a statistics report",
  report_is_zip: "a statistics report in CSV is a zip",
  not_time: "not an ISO 8601 date or time, such as 2024-01-31 or 2024-01-31T08:00:00Z",
  before_start: "is before start_date",
  past: "is in the past",
  tooLong: "longer than {max} characters",
  nul: "holds a NUL character",
  address: "not an IP address or CIDR block, such as 192.168.1.1 or 10.0.0.0/8",
  block: "not a CIDR block, such as 10.0.0.0/8",
  status: "not a status such as 404, a class such as 4xx, or a list of them",
  number: "not a whole number from {min} to {max}",
  one_start: "only one of page, cursor and at can be given",
  too_deep: "reaches past row {row}; use a cursor or narrow the time range",
  other_list: "damaged, or of another list, filter or sort; start again without it",
  filter_field_expected: "a field's name expected, as in user_id:null",
  filter_colon_expected: "a colon expected after a field's name, as in user_id:null",
  filter_value: 'null, "" or * expected after a field\'s name and colon',
  filter_quote: "a quote without an end",
  filter_terms: "more than {max} terms",
  filter_field: "unknown field",
  filter_not_text: "the field is no text, so that it is never an empty one",
  not_url: "not an address, such as https://example.com/hook",
  not_http: "must start with https:// or http://",
  credentials: "must not hold a user or password",
  private_url: "a loopback or private address, which ALERT_WEBHOOK_ALLOW_PRIVATE does not allow",
} as const;

export type InputProblem = keyof typeof INPUT_PROBLEMS;

const phrases = phrasesOf(INPUT_PROBLEMS);

/** What follows the name of the parameter. */
export function inputProblemText(problem: InputProblem, values?: PhraseValues): string {
  return phrases.say(problem, values);
}

/** The parameter and what is wrong with it, of a refusal such as `end_date: is in the past.`; undefined for other words. */
export function readInputProblem(text: string) {
  const [, path, words] = /^([\w.]+): (.*)\.$/s.exec(text) ?? [];
  const found = words === undefined ? undefined : phrases.read(words);
  return path !== undefined && found ? { path, problem: found.key, values: found.values } : undefined;
}
