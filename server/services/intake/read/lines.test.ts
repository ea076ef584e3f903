import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Line, readLines } from "./lines";

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    if (at >= bytes.length) break;
    yield bytes.subarray(at, at + size);
    at += size;
  }
  if (at < bytes.length) yield bytes.subarray(at);
}

async function linesOf(bytes: Uint8Array, sizes: readonly number[] = [], limit?: number): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const block of readLines(cut(bytes, sizes), limit)) lines.push(...block);
  return lines;
}

const textsOf = async (text: string | Uint8Array, limit?: number) =>
  (await linesOf(Buffer.from(text), [], limit)).map((line) => line.text);

describe("lines", () => {
  test("end with a line feed, which the last line may lack", async () => {
    expect(await textsOf("a\nb\n")).toEqual(["a", "b"]);
    expect(await textsOf("a\n\nb")).toEqual(["a", "", "b"]);
    expect(await textsOf("")).toEqual([]);
  });

  test("are numbered from 1", async () => {
    expect((await linesOf(Buffer.from("a\nb\nc"), [1, 2, 1])).map((line) => line.number)).toEqual([1, 2, 3]);
  });

  test("have a byte order mark removed only at the start", async () => {
    expect(await textsOf("\uFEFFa\n\uFEFFb")).toEqual(["a", "\uFEFFb"]);
  });

  test("have invalid UTF-8 bytes as \\xNN, and a flag that they have some", async () => {
    const bytes = Uint8Array.of(0x61, 0xff, 0x0a, 0xe4, 0xbd, 0x0a, 0x62);
    expect(await linesOf(bytes)).toEqual([
      { text: "a\\xff", number: 1, isCut: false, hasStrayBytes: true },
      { text: "\\xe4\\xbd", number: 2, isCut: false, hasStrayBytes: true },
      { text: "b", number: 3, isCut: false },
    ]);
  });

  test("have leading NUL bytes of a log rotation removed", async () => {
    expect(await textsOf(`${"\0".repeat(100)}first\n\0\0second\nthi\0rd`)).toEqual(["first", "second", "thi\0rd"]);
  });

  test("over the limit are truncated, and the next line is complete", async () => {
    const lines = await linesOf(Buffer.from(`${"x".repeat(30)}\nshort\n${"y".repeat(11)}`), [4, 4, 4, 4, 40], 10);
    expect(lines).toEqual([
      { text: "x".repeat(10), number: 1, isCut: true },
      { text: "short", number: 2, isCut: false },
      { text: "y".repeat(10), number: 3, isCut: true },
    ]);
  });

  test("are the same for any chunk boundaries", async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.constantFrom("\n", "\r\n", "汉字", "\uFEFF").map((text) => Buffer.from(text)),
    );
    const bytes = fc.array(piece).map((pieces) => Buffer.concat(pieces));
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }));
    await fc.assert(
      fc.asyncProperty(bytes, sizes, fc.constantFrom(5, 12, undefined), async (all, cuts, limit) => {
        expect(await linesOf(all, cuts, limit)).toEqual(await linesOf(all, [], limit));
      }),
    );
  });

  test("together form the whole text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), async (text) => {
        const expected = text.replace(/^\uFEFF/, "").replace(/\n$/, "");
        expect((await textsOf(text)).join("\n")).toBe(expected);
      }),
    );
  });
});
