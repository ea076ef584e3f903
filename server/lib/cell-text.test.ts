import fc from "fast-check";
import { expect, test } from "vitest";
import { cellValue } from "./cell-text";

/** How a SpreadsheetML reader decodes a cell's text (ECMA-376 part 1, 22.9.2.19). */
function read(value: ReturnType<typeof cellValue>): string {
  const text = typeof value === "object" && value && "richText" in value ? value.richText[0]?.text : value;
  return String(text).replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}

const piece = fc.constantFrom("_", "x", "_x", "0041", "x0041_", "_x0041", "005F", "\r", "\n", "\x7f", "a", " ", "中");

test("A reader decodes every cell text unchanged, including apparent escapes", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join("");
      expect(read(cellValue(text))).toBe(text);
    }),
    { numRuns: 2_000 },
  );
});
