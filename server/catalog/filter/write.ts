import { quoted, writePatternText } from "./pattern";
import type { FieldTerm } from "./tree";

/** Serializes a field term whose test is a match or has no value. */
export function writeField({ field, path, test }: Pick<FieldTerm, "field" | "path" | "test">): string {
  const name = [field, ...path.map((key) => (/^[^\s:"(),=!<>.\\]+$/u.test(key) ? key : quoted(key)))].join(".");
  switch (test.op) {
    case "null":
      return `${name}:null`;
    case "set":
      return `${name}:*`;
    case "empty":
      return `${name}:""`;
    case "match":
      return `${name}:${writePatternText(test.pattern)}`;
    default:
      return `${name} ${test.op} ${quoted(test.value)}`;
  }
}
