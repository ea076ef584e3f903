import type { BrowsedTable } from "@/server/catalog";
import { derivedFieldsOf } from "@/server/catalog/derived-fields";

const SIGNS = "：＝！＞＜";

/**
 * Replaces the localized names of fields before a sign by their own, also names of several words, and full-width signs
 * after them: `resource type: payment` becomes `resource_type: payment`, `状态码：5xx` becomes `status_code:5xx`. Text in
 * quotes, and words that are no field, are left as they are.
 */
export function withFieldNames(table: BrowsedTable, text: string, labels: Readonly<Record<string, string>>): string {
  if (!/[:=!<>：＝！＞＜]/.test(text)) return text;
  const names = new Map<string, string>();
  for (const name of [...table.columns.map((column) => column.name), ...derivedFieldsOf(table)]) {
    for (const form of [labels[name] ?? name, name.replaceAll("_", " "), name]) names.set(form.toLowerCase(), name);
  }
  const forms = [...names.keys()].toSorted((a, b) => b.length - a.length).map(escaped);
  const term = new RegExp(
    `(?<=^|[\\s(&])([-－!！]?)(${forms.join("|")})[ \\u3000]*([:=!<>${SIGNS}]{1,2})[\\u3000]*`,
    "giu",
  );
  const quoted = /"(?:[^"\\]|\\.)*"?/gsu;
  const replace = (part: string) =>
    part.replace(term, (_, minus: string, form: string, sign: string) => {
      return `${halfWidth(minus)}${names.get(form.toLowerCase().replace(/[ \u3000]+/g, " ")) ?? form}${halfWidth(sign)}`;
    });
  let result = "";
  let end = 0;
  for (const match of text.matchAll(quoted)) {
    result += replace(text.slice(end, match.index)) + match[0];
    end = match.index + match[0].length;
  }
  return result + replace(text.slice(end));
}

function halfWidth(signs: string): string {
  return signs.replace(/[：＝！＞＜－]/gu, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&").replaceAll(" ", "[ \\u3000]+");
}
