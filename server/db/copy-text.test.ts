import fc from "fast-check";
import { expect, test } from "vitest";
import { copyText } from "./copy-text";

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };
const PIECES = ["\\", "\t", "\n", "\r", "N", "\ud83d", "\ude00", "😀", "é", "中", "\u007f", "ASCII".repeat(300)];

test("rows of any text are encoded as PostgreSQL's COPY reads them", () => {
  const cell = fc.option(fc.array(fc.constantFrom(...PIECES), { maxLength: 5 }).map((pieces) => pieces.join("")));
  const row = fc.array(cell, { minLength: 1, maxLength: 3 });
  const rows = fc.array(fc.record({ cells: row, tag: fc.option(fc.nat()) }), { maxLength: 3 });
  const line = (cells: readonly (string | null)[]) => `${cells.map(escaped).join("\t")}\n`;
  const encoded = (lines: readonly string[]) => Buffer.from(lines.join("")).toString();
  fc.assert(
    fc.property(rows, (given) => {
      const cells = given.map((each) => each.cells);
      const tags = given.map(({ tag }) => tag);
      expect(copyText(cells).toString()).toBe(encoded(cells.map(line)));
      const tagged = given.map((each) => line([...each.cells, each.tag === null ? null : String(each.tag)]));
      expect(copyText(cells, tags).toString()).toBe(encoded(tagged));
    }),
  );
});

function escaped(value: string | null): string {
  return value?.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? "") ?? "\\N";
}
