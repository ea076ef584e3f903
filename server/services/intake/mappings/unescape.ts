import type { Escaping } from "./fields";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const HEX = /(?:\\x[0-9A-Fa-f]{2})+/g;
const APACHE = /((?:\\x[0-9A-Fa-f]{2})+)|\\([\s\S])/g;
const SIMPLE: Readonly<Record<string, string>> = { b: "\b", n: "\n", r: "\r", t: "\t", v: "\v" };

/**
 * The value that a server wrote. Text that PostgreSQL cannot store (bytes that are not UTF-8, such as those of TLS on a
 * plain-text port, and NUL) remains escaped as a whole.
 */
export function unescapeValue(text: string, escaping: Escaping): string {
  if (escaping === "none" || !text.includes("\\")) return text;
  if (escaping === "json") return unescapeJson(text);
  let isReadable = true;
  const decode = (run: string) => {
    const decoded = decodeRun(run);
    isReadable &&= decoded !== undefined;
    return decoded ?? run;
  };
  const plain =
    escaping === "hex"
      ? text.replace(HEX, decode)
      : text.replace(APACHE, (_, run: string | undefined, character: string) =>
          run === undefined ? (SIMPLE[character] ?? character) : decode(run),
        );
  return isReadable ? plain : text;
}

function unescapeJson(text: string): string {
  try {
    const value: unknown = JSON.parse(`"${text}"`);
    return typeof value === "string" ? value : text;
  } catch {
    return text;
  }
}

function decodeRun(run: string): string | undefined {
  const bytes = Uint8Array.from(run.slice(2).split("\\x"), (digits) => Number.parseInt(digits, 16));
  if (bytes.includes(0)) return undefined;
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
