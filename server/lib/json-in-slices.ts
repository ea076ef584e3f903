import { makeTimeSlice } from "./time-slice";

/** Values between two checks of the clock. */
const STEP = 500;
const SPACE = /[ \t\n\r]*/y;
const LITERAL = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

type Container = { readonly list: unknown[] } | { readonly members: Record<string, unknown>; name: string };

/**
 * Parses JSON like parseJson, and yields to the event loop: JSON.parse of ten hostile megabytes takes a second.
 * @throws SyntaxError for other text, RangeError if nested more deeply than `maxDepth` or with more than `maxValues`
 */
export async function parseJsonInSlices(
  text: string,
  { maxDepth, maxValues }: { readonly maxDepth: number; readonly maxValues: number },
): Promise<unknown> {
  const slice = makeTimeSlice();
  const stack: Container[] = [];
  let at = 0;
  let steps = 0;
  const skipSpace = () => {
    SPACE.lastIndex = at;
    at += SPACE.exec(text)?.[0].length ?? 0;
  };
  const isNext = (character: string) => {
    skipSpace();
    if (text[at] !== character) return false;
    at++;
    return true;
  };
  const readString = (): string => {
    const end = stringEnd(text, at);
    const value: unknown = JSON.parse(text.slice(at, end + 1));
    at = end + 1;
    return String(value);
  };
  const readName = (): string => {
    skipSpace();
    if (text[at] !== '"') throw invalid(at);
    const name = readString();
    if (!isNext(":")) throw invalid(at);
    return name;
  };
  const open = (container: Container) => {
    if (stack.length >= maxDepth) throw new RangeError("The JSON is nested too deeply.");
    stack.push(container);
  };

  for (;;) {
    if (++steps > maxValues) throw new RangeError("The JSON has too many values.");
    if (steps % STEP === 0) {
      const pause = slice();
      if (pause) await pause;
    }
    skipSpace();
    let value: unknown;
    if (isNext("{")) {
      const members = {};
      if (!isNext("}")) {
        open({ members, name: readName() });
        continue;
      }
      value = members;
    } else if (isNext("[")) {
      const list: unknown[] = [];
      if (!isNext("]")) {
        open({ list });
        continue;
      }
      value = list;
    } else if (text[at] === '"') value = readString();
    else value = readLiteral();
    // The value, and every container that it completes, is added to its container.
    for (;;) {
      const container = stack.at(-1);
      if (!container) {
        skipSpace();
        if (at < text.length) throw invalid(at);
        return value;
      }
      if ("list" in container) container.list.push(value);
      else setMember(container.members, container.name, value);
      if (isNext(",")) {
        if ("members" in container) container.name = readName();
        break;
      }
      if (!isNext("list" in container ? "]" : "}")) throw invalid(at);
      stack.pop();
      value = "list" in container ? container.list : container.members;
    }
  }

  function readLiteral(): unknown {
    LITERAL.lastIndex = at;
    const literal = LITERAL.exec(text)?.[0];
    if (literal === undefined) throw invalid(at);
    at += literal.length;
    const value: unknown = JSON.parse(literal);
    const isInexact = typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER && /^-?\d+$/.test(literal);
    return isInexact ? literal : value;
  }
}

function setMember(members: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") members[name] = value;
  // Defined as an own property, since the name is special in JavaScript.
  else Object.defineProperty(members, name, { value, enumerable: true, configurable: true, writable: true });
}

function stringEnd(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (text.charCodeAt(quote - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return quote;
  }
  throw invalid(start);
}

function invalid(at: number): SyntaxError {
  return new SyntaxError(`The text is not JSON at position ${at}.`);
}
