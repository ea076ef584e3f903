import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJson } from "./json";
import { parseJsonInSlices } from "./json-in-slices";

const parse = (text: string) => parseJsonInSlices(text, { maxDepth: 100, maxValues: 1_000 });

test("every JSON text has the value that the usual parser returns", async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.constantFrom(0, 2, "\t"), async (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(await parse(text)).toEqual(parseJson(text));
    }),
  );
  for (const text of [
    '{"a":1,"a":[]}',
    '{"__proto__":{"x":1}}',
    "[12345678901234567890, -0, 1e400, 1.5E-3]",
    ' "\\u0041\\"" ',
  ]) {
    expect(await parse(text)).toEqual(parseJson(text));
  }
});

test("every other text is refused", async () => {
  const value = fc.jsonValue().map((json) => JSON.stringify(json));
  const damaged = fc
    .tuple(value, fc.nat(), fc.constantFrom("", "{", "]", ",", '"', "\\", "\n", "x", ":"))
    .map(
      ([text, place, part]) =>
        text.slice(0, place % (text.length + 1)) + part + text.slice((place % (text.length + 1)) + 1),
    );
  await fc.assert(
    fc.asyncProperty(damaged, async (text) => {
      const usual = await Promise.resolve(text)
        .then(JSON.parse)
        .then(
          () => "valid",
          () => "invalid",
        );
      expect(
        await parse(text).then(
          () => "valid",
          () => "invalid",
        ),
      ).toBe(usual);
    }),
  );
});

test("text that is nested too deeply, or has too many values, is refused, and does not overflow the stack", async () => {
  await expect(parse("[".repeat(1_000_000))).rejects.toThrow(RangeError);
  await expect(parse(`[${"0,".repeat(1_000)}0]`)).rejects.toThrow(RangeError);
  expect(await parse(`${"[".repeat(100)}${"]".repeat(100)}`)).toBeInstanceOf(Array);
});
