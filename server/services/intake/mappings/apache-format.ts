import type { DurationUnit } from "@/server/catalog";
import type { Field, Piece, TextFormat } from "./fields";
import { mappingError } from "./mapping-error";
import { nginxField } from "./nginx-variables";

/** https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats */
const DIRECTIVES: Readonly<Record<string, Field>> = {
  a: { name: "remote_addr", kind: "address" },
  A: { name: "server_addr", kind: "address" },
  b: { name: "bytes_sent", kind: "number" },
  B: { name: "bytes_sent", kind: "number" },
  D: { name: "request_time_us", kind: "number", column: "response_time", unit: "us" },
  f: { name: "file_name", kind: "text" },
  h: { name: "remote_host", kind: "address", column: "ip_address" },
  H: { name: "protocol", kind: "word" },
  I: { name: "bytes_received", kind: "number" },
  k: { name: "keepalive_requests", kind: "number" },
  l: { name: "ident", kind: "word" },
  L: { name: "log_id", kind: "word" },
  m: { name: "request_method", kind: "word" },
  O: { name: "bytes_out", kind: "number" },
  p: { name: "server_port", kind: "number" },
  P: { name: "pid", kind: "number" },
  q: { name: "query_string", kind: "text" },
  r: { name: "request", kind: "request", column: "request_path" },
  R: { name: "handler", kind: "word" },
  s: { name: "status", kind: "number" },
  S: { name: "bytes_transferred", kind: "number" },
  t: { name: "time", kind: "time_bracketed", column: "created_at" },
  T: { name: "request_time", kind: "number", column: "response_time", unit: "s" },
  u: { name: "remote_user", kind: "text", column: "user_id" },
  U: { name: "uri", kind: "text", column: "request_path" },
  v: { name: "vhost", kind: "word" },
  V: { name: "host", kind: "word" },
  X: { name: "connection_status", kind: "word" },
};

/** Directives with an argument: `%{User-Agent}i`. */
const PREFIXES: Readonly<Record<string, string>> = {
  i: "http_",
  o: "sent_http_",
  C: "cookie_",
  e: "",
  n: "",
  "^ti": "trailer_",
  "^to": "sent_trailer_",
};
const EPOCH_UNITS: Readonly<Record<string, DurationUnit>> = { sec: "s", msec: "ms", usec: "us" };
const DIRECTIVE = /%(?:!?\d{3}(?:,\d{3})*)?[<>]?(?:\{([^}]*)\})?(\^t[io]|[A-Za-z])/y;
const NAMED = /^\s*(?:LogFormat|CustomLog(?:\s+\S+)?|GlobalLog(?:\s+\S+)?)\s+/i;
const CONTROL: Readonly<Record<string, string>> = { t: "\t", n: "\n" };

/**
 * Parses an Apache `LogFormat`: the directive as in the configuration, or the format alone.
 * @throws AppError with the position in `given`
 */
export function parseApacheFormat(given: string): TextFormat {
  const { start, end, isQuoted } = findFormat(given);
  const pieces: Piece[] = [];
  let literal = "";
  for (let at = start; at < end; ) {
    const character = given[at] ?? "";
    if (character === "\\" && (isQuoted || /["\\tn]/.test(given[at + 1] ?? ""))) {
      const next = given[at + 1] ?? "";
      literal += CONTROL[next] ?? next;
      at += 2;
    } else if (character === "%" && given[at + 1] === "%") {
      literal += "%";
      at += 2;
    } else if (character === "%") {
      DIRECTIVE.lastIndex = at;
      const match = DIRECTIVE.exec(given);
      const field = match && fieldOf(match[2] ?? "", match[1]);
      if (!field)
        throw mappingError("mapping.directive", { text: given.slice(at, at + 12).split(" ", 1)[0] ?? "" }, at);
      if (literal !== "") pieces.push(literal);
      literal = "";
      pieces.push({ ...field, written: match[0], at });
      at += match[0].length;
    } else {
      literal += character;
      at++;
    }
  }
  if (literal !== "") pieces.push(literal);
  return { pieces: joinQuery(pieces), escaping: "apache" };
}

/** The format within a directive or its quotes. */
function findFormat(given: string): { start: number; end: number; isQuoted: boolean } {
  const directive = NAMED.exec(given)?.[0];
  const start = directive?.length ?? given.search(/\S/);
  const isQuoted = given[start] === '"' && (directive !== undefined || given.includes('\\"'));
  if (!isQuoted) return { start: Math.max(0, start), end: given.trimEnd().length, isQuoted };
  for (let at = start + 1; at < given.length; at++) {
    if (given[at] === "\\") at++;
    else if (given[at] === '"') return { start: start + 1, end: at, isQuoted };
  }
  throw mappingError("mapping.quote_open", {}, start);
}

function fieldOf(letter: string, argument: string | undefined): Field | undefined {
  if (argument === undefined) return Object.hasOwn(DIRECTIVES, letter) ? DIRECTIVES[letter] : undefined;
  if (letter === "t") return timeField(argument);
  if (letter === "T") {
    const unit = (["s", "ms", "us"] as const).find((name) => name === argument);
    return unit && { name: `request_time_${unit}`, kind: "number", column: "response_time", unit };
  }
  if (letter === "a") return { name: "peer_addr", kind: "address", column: "ip_address" };
  if (letter === "h") return DIRECTIVES.h;
  if (letter === "p" || letter === "P")
    return { name: `${argument.replace(/\W/g, "_")}_${letter === "p" ? "port" : "id"}`, kind: "word" };
  const prefix = PREFIXES[letter];
  return prefix === undefined ? undefined : nginxField(`${prefix}${argument.toLowerCase().replace(/\W/g, "_")}`);
}

function timeField(argument: string): Field {
  const format = argument.replace(/^(?:begin|end):/, "");
  const unit = EPOCH_UNITS[format];
  if (unit) return { name: `time_${format}`, kind: "number", column: "created_at", unit };
  if (format === "msec_frac" || format === "usec_frac") return { name: format, kind: "number" };
  return { name: "time", kind: "time", column: "created_at" };
}

/** `%U%q` is the request's URI. */
function joinQuery(pieces: readonly Piece[]): Piece[] {
  return pieces.flatMap((piece, index): Piece[] => {
    const isQuery = (other: Piece | undefined) => typeof other === "object" && other.name === "query_string";
    const isPath = (other: Piece | undefined) => typeof other === "object" && other.name === "uri";
    if (typeof piece === "object" && isPath(piece) && isQuery(pieces[index + 1])) {
      return [{ ...piece, name: "request_uri", written: "%U%q" }];
    }
    return isQuery(piece) && isPath(pieces[index - 1]) ? [] : [piece];
  });
}
