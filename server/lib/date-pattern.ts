const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

interface Part {
  readonly source: string;
  readonly name: string | null;
}

/** The parts of a pattern, the longest of each letter first. */
const PARTS: readonly (readonly [letters: string, source: string, name: string])[] = [
  ["yyyy", "(\\d{4})", "year"],
  ["yy", "(\\d{2})", "shortYear"],
  ["MMMM", "([A-Za-z]{3,9})\\.?", "monthName"],
  ["MMM", "([A-Za-z]{3,9})\\.?", "monthName"],
  ["MM", "(\\d{2})", "month"],
  ["M", "(\\d{1,2})", "month"],
  ["dd", "(\\d{2})", "day"],
  ["d", "(\\d{1,2})", "day"],
  ["HH", "(\\d{2})", "hour"],
  ["H", "(\\d{1,2})", "hour"],
  ["hh", "(\\d{2})", "hour"],
  ["h", "(\\d{1,2})", "hour"],
  ["mm", "(\\d{2})", "minute"],
  ["m", "(\\d{1,2})", "minute"],
  ["ss", "(\\d{2})", "second"],
  ["s", "(\\d{1,2})", "second"],
  ["a", "([AaPp])\\.?[Mm]\\.?", "half"],
  ["Z", "(Z|[+-]\\d{2}:?\\d{2})", "offset"],
];

/** Converts a text to ISO 8601, without an offset if the pattern has none; undefined if the text does not match. */
export type DateReader = (text: string) => string | undefined;

/**
 * Compiles a pattern of the letters of Unicode's date formats, such as `dd.MM.yyyy HH:mm:ss`, with `S…` for fractions
 * of a second, `Z` for an offset, and text in apostrophes. A date needs year, month and day.
 * @returns undefined if the pattern has other letters, a part twice, or lacks a part of the date
 */
export function compileDatePattern(pattern: string): DateReader | undefined {
  const parts = partsOf(pattern);
  const names = parts?.flatMap(({ name }) => name ?? []) ?? [];
  const has = (...alternatives: string[]) => alternatives.some((name) => names.includes(name));
  if (!parts || new Set(names).size !== names.length) return undefined;
  if (!has("year", "shortYear") || !has("month", "monthName") || !has("day")) return undefined;
  const expression = new RegExp(`^\\s*${parts.map(({ source }) => source).join("")}\\s*$`);
  return (text) => {
    const values = expression.exec(text)?.slice(1);
    return values && isoOf(Object.fromEntries(names.map((name, index) => [name, values[index]])));
  };
}

function partsOf(pattern: string): Part[] | undefined {
  const parts: Part[] = [];
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at);
    const quoted = /^'([^']*)'/.exec(rest);
    const fraction = /^S{1,9}/.exec(rest);
    const known = PARTS.find(([letters]) => rest.startsWith(letters));
    if (quoted) parts.push({ source: escaped(quoted[1] ?? ""), name: null });
    else if (fraction) parts.push({ source: "(\\d{1,9})", name: "fraction" });
    else if (known) parts.push({ source: known[1], name: known[2] });
    else if (/^[A-Za-z]/.test(rest)) return undefined;
    else parts.push({ source: escaped(rest[0] ?? ""), name: null });
    at += (quoted ?? fraction)?.[0].length ?? known?.[0].length ?? 1;
  }
  return parts;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

function isoOf(value: Readonly<Record<string, string | undefined>>): string | undefined {
  const year = value.year ?? `20${value.shortYear}`;
  const named = value.monthName && MONTHS.indexOf(value.monthName.slice(0, 3).toLowerCase()) + 1;
  const month = value.month ?? named;
  if (!month) return undefined;
  const pad = (text: string | number | undefined) => String(text ?? 0).padStart(2, "0");
  const half = value.half?.toLowerCase();
  const clock = Number(value.hour ?? 0);
  if (half !== undefined && (clock < 1 || clock > 12)) return undefined;
  const hour = half === undefined ? clock : (clock % 12) + (half === "p" ? 12 : 0);
  const fraction = value.fraction === undefined ? "" : `.${value.fraction}`;
  const offset = (value.offset ?? "").replace(/^([+-]\d\d)(\d\d)$/, "$1:$2");
  return `${year}-${pad(month)}-${pad(value.day)}T${pad(hour)}:${pad(value.minute)}:${pad(value.second)}${fraction}${offset}`;
}
