import { type Escaping, KIND_RULES, type PlacedField, type TextFormat } from "./fields";
import { mappingError } from "./mapping-error";

/**
 * Fields between two places of a line that no value can contain, such as quotes. Values are delimited from the left
 * and from the right as far as they cannot contain their separators; at most one value in the middle is what remains.
 */
export interface Segment {
  readonly fields: readonly PlacedField[];
  /** The index of the first field in the format. */
  readonly first: number;
  /** Between the fields. */
  readonly separators: readonly string[];
  /** The length of each field's values, if all have the same. */
  readonly lengths: readonly (number | undefined)[];
  /** The text that ends the segment; null at the end of the line. */
  readonly end: string | null;
  /** Whether `end` is the end of the line. */
  readonly isLast: boolean;
  /** How many fields are delimited from the left, and from the right. */
  readonly left: number;
  readonly right: number;
  /** Whether several fields remain in the middle, so that all ways to divide the text are compared. */
  readonly isDivided: boolean;
}

export interface Layout {
  /** The text before the first field. */
  readonly start: string;
  readonly segments: readonly Segment[];
  readonly fields: readonly PlacedField[];
}

/** Characters that the server escapes in values, so that they only occur in the format's own text. */
const ANCHORS: Readonly<Record<Escaping, RegExp | undefined>> = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: servers escape them
  hex: /["\x00-\x1f\x7f-\uffff]/,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: servers escape them
  json: /["\x00-\x1f]/,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: servers escape them
  apache: /["\x00-\x1f\x7f-\uffff]/,
  none: undefined,
};

/** @throws AppError with the position of a variable that is not separated from the one before it */
export function layOut({ pieces, escaping }: TextFormat): Layout {
  const fields = pieces.filter((piece) => typeof piece === "object");
  if (fields.length === 0) throw mappingError("mapping.no_variables", {});
  const start = typeof pieces[0] === "string" ? pieces[0] : "";
  const segments: Segment[] = [];
  let current: { fields: PlacedField[]; separators: string[]; first: number } = {
    fields: [],
    separators: [],
    first: 0,
  };
  let index = 0;
  for (const [at, piece] of pieces.entries()) {
    if (typeof piece === "object") {
      const before = pieces[at - 1];
      if (typeof before === "object") {
        throw mappingError("mapping.adjacent", { first: before.written, second: piece.written }, piece.at);
      }
      current.fields.push(piece);
      index++;
    } else if (at > 0) {
      const isLast = at === pieces.length - 1;
      const isEnd = isLast || (ANCHORS[escaping]?.test(piece) ?? false);
      if (!isEnd) current.separators.push(piece);
      else {
        segments.push(segmentOf(current.fields, current.separators, current.first, piece, isLast));
        current = { fields: [], separators: [], first: index };
      }
    }
  }
  if (current.fields.length > 0)
    segments.push(segmentOf(current.fields, current.separators, current.first, null, true));
  return { start, segments, fields };
}

function segmentOf(
  fields: readonly PlacedField[],
  separators: readonly string[],
  first: number,
  end: string | null,
  isLast: boolean,
): Segment {
  const isDelimited = (field: PlacedField | undefined, edge: string | undefined) => {
    if (!field || edge === undefined) return false;
    const { length, characters } = KIND_RULES[field.kind];
    return length !== undefined || !characters.test(edge);
  };
  let left = 0;
  while (left < fields.length - 1 && isDelimited(fields[left], separators[left]?.[0])) left++;
  let right = 0;
  while (right < fields.length - 1 - left) {
    const at = fields.length - 1 - right;
    if (!isDelimited(fields[at], separators[at - 1]?.at(-1))) break;
    right++;
  }
  const lengths = fields.map(({ kind }) => KIND_RULES[kind].length);
  return { fields, first, separators, lengths, end, isLast, left, right, isDivided: fields.length - left - right > 1 };
}
