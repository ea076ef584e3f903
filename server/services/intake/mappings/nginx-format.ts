import type { Escaping, Field, Piece, TextFormat } from "./fields";
import { mappingError } from "./mapping-error";
import { COMPOSED, nginxField } from "./nginx-variables";

/** The characters of a format, each with its position in the text that was given. */
interface Source {
  readonly text: string;
  readonly positions: readonly number[];
}

const DIRECTIVE = /^\s*log_format\s+/;
const NAME = /[A-Za-z0-9_]/;
const CONTROL: Readonly<Record<string, string>> = { t: "\t", r: "\r", n: "\n" };

/**
 * Parses an nginx `log_format`: the directive as in the configuration, its quoted parts, or the format alone.
 * @param fieldOf the field of a variable
 * @throws AppError with the position in `given`
 */
export function parseNginxFormat(given: string, fieldOf: (name: string) => Field = nginxField): TextFormat {
  const { source, escaping } = readDirective(given);
  return { pieces: readPieces(source, fieldOf), escaping };
}

function readDirective(given: string): { source: Source; escaping: Escaping } {
  const directive = DIRECTIVE.exec(given)?.[0];
  let at = directive?.length ?? given.search(/\S/);
  if (directive === undefined && !isQuoted(given.slice(at))) {
    const end = given.trimEnd().length;
    return {
      source: { text: given.slice(at, end), positions: Array.from({ length: end - at }, (_, index) => at + index) },
      escaping: "hex",
    };
  }
  let escaping: Escaping = "hex";
  let text = "";
  const positions: number[] = [];
  let words = directive === undefined ? 1 : 0;
  while (at < given.length && given[at] !== ";") {
    const character = given[at] ?? "";
    if (/\s/.test(character)) {
      at++;
    } else if (character === "'" || character === '"') {
      at = readQuoted(given, at, (added, position) => {
        text += added;
        positions.push(position);
      });
      words++;
    } else {
      const word = /^[^\s;'"]+/.exec(given.slice(at))?.[0] ?? character;
      if (word.startsWith("escape=")) escaping = escapingOf(word, at);
      // The name of the format comes first.
      else if (words > 0) throw mappingError("mapping.not_quoted", { text: word }, at);
      words++;
      at += word.length;
    }
  }
  return { source: { text, positions }, escaping };
}

function escapingOf(word: string, at: number): Escaping {
  const name = word.slice("escape=".length);
  if (name === "default") return "hex";
  if (name === "json" || name === "none") return name;
  throw mappingError("mapping.escape", { text: word }, at);
}

/** Whether the text consists of quoted parts, as in the configuration. A format may itself start with a quote. */
function isQuoted(text: string): boolean {
  if (text.startsWith("escape=")) return true;
  if (text.startsWith("'")) return true;
  return /^"(?:[^"\\]|\\[\s\S])*"\s*(?:;\s*$|$|\s["'])/.test(text) && /\\"/.test(text);
}

/** Reads one quoted part. @returns the position after it */
function readQuoted(given: string, start: number, add: (character: string, position: number) => void): number {
  const quote = given[start];
  for (let at = start + 1; at < given.length; at++) {
    const character = given[at] ?? "";
    if (character === quote) return at + 1;
    const next = given[at + 1] ?? "";
    if (character !== "\\" || !/["'\\trn]/.test(next)) {
      add(character, at);
      continue;
    }
    add(CONTROL[next] ?? next, at);
    at++;
  }
  throw mappingError("mapping.quote_open", {}, start);
}

function readPieces({ text, positions }: Source, fieldOf: (name: string) => Field): Piece[] {
  const pieces: Piece[] = [];
  let literal = "";
  for (let at = 0; at < text.length; ) {
    if (text[at] !== "$") {
      literal += text[at++];
      continue;
    }
    const position = positions[at] ?? 0;
    const isBraced = text[at + 1] === "{";
    let end = at + (isBraced ? 2 : 1);
    const start = end;
    while (end < text.length && NAME.test(text[end] ?? "")) end++;
    const name = text.slice(start, end);
    if (name === "") throw mappingError("mapping.dollar", {}, position);
    if (isBraced) {
      if (text[end] !== "}") throw mappingError("mapping.brace_open", { name }, position);
      end++;
    }
    if (literal !== "") pieces.push(literal);
    literal = "";
    pieces.push({ ...fieldOf(name), written: text.slice(at, end), at: position });
    at = end;
  }
  if (literal !== "") pieces.push(literal);
  return compose(pieces);
}

/** Replaces variables that are usually written without a separator, such as `$uri$is_args$args`. */
function compose(pieces: readonly Piece[]): Piece[] {
  const composed: Piece[] = [];
  for (let at = 0; at < pieces.length; at++) {
    const found = COMPOSED.find(({ parts }) =>
      parts.every((name, index) => {
        const piece = pieces[at + index];
        return typeof piece === "object" && piece.name === name;
      }),
    );
    const first = pieces[at];
    if (first === undefined) continue;
    if (!found || typeof first === "string") {
      composed.push(first);
      continue;
    }
    composed.push({ ...found.field, written: found.parts.map((name) => `$${name}`).join(""), at: first.at });
    at += found.parts.length - 1;
  }
  return composed;
}
