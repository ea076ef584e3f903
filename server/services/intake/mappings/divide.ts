import { KIND_RULES, type PlacedField } from "./fields";

/** Longer texts are not divided: every possible end of each value is examined. */
const MAX_LENGTH = 16 * 1024;

/** The end of a separator, in how many ways the text before it can be divided, and where its last value starts. */
interface Place {
  readonly at: number;
  /** 1, or 2 for several. */
  readonly ways: number;
  readonly valueStart: number;
  readonly before: Place | undefined;
}

/**
 * Divides a text into the values of `fields`, of which several can contain the separators.
 * @returns the values; `ambiguous` if there are several ways, undefined if there is none
 */
export function divide(
  text: string,
  fields: readonly PlacedField[],
  separators: readonly string[],
): string[] | "ambiguous" | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  let places: Place[] = [{ at: 0, ways: 1, valueStart: 0, before: undefined }];
  for (const [index, field] of fields.entries()) {
    const separator = separators[index];
    places = separator === undefined ? last(text, field, places) : next(text, field, separator, places);
    if (places.length === 0) return undefined;
  }
  const [end] = places;
  if (!end) return undefined;
  if (end.ways > 1) return "ambiguous";
  const values: string[] = [];
  for (let place: Place | undefined = end, index = fields.length - 1; place?.before; place = place.before, index--) {
    const separator = separators[index] ?? "";
    values.unshift(text.slice(place.valueStart, place.at - separator.length));
  }
  return values;
}

/** The ends of a separator that follows a possible value. */
function next(text: string, field: PlacedField, separator: string, starts: readonly Place[]): Place[] {
  const found: Place[] = [];
  let seen = 0;
  let ways = 0;
  for (let at = text.indexOf(separator); at !== -1; at = text.indexOf(separator, at + 1)) {
    // Values of any text can start at every place before.
    while ((starts[seen]?.at ?? Number.POSITIVE_INFINITY) <= at) ways = Math.min(2, ways + (starts[seen++]?.ways ?? 0));
    const place = placeOf(text, field, starts, seen, ways, at, at + separator.length);
    if (place) found.push(place);
  }
  return found;
}

function last(text: string, field: PlacedField, starts: readonly Place[]): Place[] {
  const ways = starts.reduce((sum, start) => Math.min(2, sum + start.ways), 0);
  const place = placeOf(text, field, starts, starts.length, ways, text.length, text.length);
  return place ? [place] : [];
}

/** @param seen how many places are at or before the value's end */
function placeOf(
  text: string,
  { kind }: PlacedField,
  starts: readonly Place[],
  seen: number,
  ways: number,
  valueEnd: number,
  at: number,
): Place | undefined {
  const rule = KIND_RULES[kind];
  if (rule.maxLength === Number.POSITIVE_INFINITY) {
    const before = starts[seen - 1];
    return before && { at, ways, valueStart: before.at, before };
  }
  let sum = 0;
  let before: Place | undefined;
  let checkedFrom = valueEnd;
  for (let index = seen - 1; index >= 0; index--) {
    const start = starts[index];
    if (!start || valueEnd - start.at > rule.maxLength) break;
    while (checkedFrom > start.at && rule.characters.test(text[checkedFrom - 1] ?? "")) checkedFrom--;
    if (checkedFrom > start.at) break;
    if (rule.length !== undefined && valueEnd - start.at !== rule.length) continue;
    before = start;
    sum += start.ways;
    if (sum > 1) break;
  }
  return before && { at, ways: Math.min(2, sum), valueStart: before.at, before };
}
