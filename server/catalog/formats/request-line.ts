/** Maximum length of the column request_method. */
const METHOD_LENGTH = 10;

const METHOD = /^[A-Za-z-]+$/;
const PROTOCOL = /^[A-Z]{2,10}\/\d(?:\.\d)?$/;

export interface RequestLine {
  request_method: string;
  request_path: string;
  protocol?: string;
}

/**
 * Splits `GET /path HTTP/1.1`; the path may contain spaces. Any other text, or one with a longer method than the
 * column, becomes the path with the method "-", so that nothing is lost.
 */
export function splitRequest(request: string): RequestLine {
  const whole = { request_method: "-", request_path: request === "" ? "-" : request };
  const methodEnd = request.indexOf(" ");
  if (methodEnd < 1 || methodEnd > METHOD_LENGTH) return whole;
  const method = request.slice(0, methodEnd);
  if (!METHOD.test(method)) return whole;
  const pathEnd = request.lastIndexOf(" ");
  const protocol = request.slice(pathEnd + 1);
  if (pathEnd > methodEnd && PROTOCOL.test(protocol)) {
    return { request_method: method, request_path: request.slice(methodEnd + 1, pathEnd), protocol };
  }
  const path = request.slice(methodEnd + 1);
  return path.startsWith("/") ? { request_method: method, request_path: path } : whole;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });
const ESCAPE = /((?:\\x[0-9a-fA-F]{2})+)|\\(.)/g;
const SIMPLE: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", n: "\n", r: "\r", t: "\t" };

/**
 * Reverses the escaping by Apache and nginx of quoted text: `\"`, `\\`, `\n`, `\t` and `\xNN` for bytes of UTF-8. Text
 * with invalid UTF-8 (a TLS hello on a plain-text port) or control characters remains escaped as a whole.
 */
export function unescapeQuoted(text: string): string {
  if (!text.includes("\\")) return text;
  let readable = true;
  const plain = text.replace(ESCAPE, (match, run: string | undefined, character: string) => {
    if (run === undefined) return SIMPLE[character] ?? match;
    const decoded = decodeRun(run);
    readable &&= decoded !== undefined;
    return decoded ?? match;
  });
  return readable ? plain : text;
}

/** Decodes `\xNN\xNN…`; undefined if it is not UTF-8 or contains control characters. */
function decodeRun(run: string): string | undefined {
  const bytes = Uint8Array.from(run.slice(2).split("\\x"), (digits) => Number.parseInt(digits, 16));
  if (bytes.some((byte) => byte < 32 || byte === 127)) return undefined;
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
