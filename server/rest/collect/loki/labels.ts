import { AppError } from "@/server/lib/errors";

const PAIR = /\s*([A-Za-z_][\w.]*)\s*=\s*("(?:[^"\\\n]|\\.)*"|`[^`]*`)\s*(,|\})/y;

/**
 * Parses the labels of a stream in Prometheus's notation: `{app="web", env="prod"}`, with Go's quoting.
 * @throws AppError BAD_REQUEST for anything else
 */
export function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  const invalid = () => new AppError("collect.loki_labels", {});
  const start = /^\s*\{/.exec(text)?.[0].length;
  if (start === undefined) throw invalid();
  if (/^\s*\}\s*$/.test(text.slice(start))) return labels;
  let at = start;
  for (;;) {
    PAIR.lastIndex = at;
    const match = PAIR.exec(text);
    if (!match) throw invalid();
    const [whole, name = "", quoted = "", end] = match;
    labels[name] = unquote(quoted);
    at += whole.length;
    const isLast = end === "}" || /^\s*\}/.test(text.slice(at, at + 100));
    if (!isLast) continue;
    if (
      text
        .slice(at)
        .replace(end === "}" ? "" : "}", "")
        .trim() !== ""
    )
      throw invalid();
    return labels;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" };

function unquote(quoted: string): string {
  const text = quoted.slice(1, -1);
  if (quoted.startsWith("`")) return text;
  return text.replace(
    /\\(?:x([\da-f]{2})|u([\da-f]{4})|U(?:00)([\da-f]{6})|([\s\S]))/gi,
    (_, byte, short, long, other) => {
      const code = byte ?? short ?? long;
      if (code === undefined) return ESCAPES[other] ?? other;
      const point = Number.parseInt(code, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : "\ufffd";
    },
  );
}
