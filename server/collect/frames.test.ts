import fc from "fast-check";
import { expect, test } from "vitest";
import { type Frame, makeFrameReader } from "./frames";

const MAX = 1_000;

function framesOf(bytes: Uint8Array, sizes: readonly number[], max = MAX): Frame[] {
  const reader = makeFrameReader(max);
  const frames: Frame[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    frames.push(...reader.push(bytes.subarray(at, at + size)));
    at += size;
  }
  return [...frames, ...reader.end()];
}

const textsOf = (frames: readonly Frame[]) => frames.map(({ bytes }) => Buffer.from(bytes).toString());
const octets = (text: string) => `${Buffer.byteLength(text)} ${text}`;

test("octet counting and newlines are detected for each message, wherever the chunks are divided", () => {
  const message = fc.string({ unit: "grapheme", maxLength: 60 }).map((text) => `<13>${text}.`);
  const framed = fc.tuple(message, fc.boolean()).filter(([text, isCounted]) => isCounted || !text.includes("\n"));
  fc.assert(
    fc.property(
      fc.array(framed, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (all, sizes) => {
        const stream = all.map(([text, isCounted]) => (isCounted ? octets(text) : `${text}\n`)).join("");
        expect(textsOf(framesOf(Buffer.from(stream), sizes))).toEqual(all.map(([text]) => text));
      },
    ),
  );
});

test("a text that starts with digits is no octet count, nor is a length of 4 GB", () => {
  for (const text of ["2026-11-30 started", "404 not found", "4294967296 <13>text", "12"]) {
    for (const size of [1, 5, 100])
      expect(textsOf(framesOf(Buffer.from(`${text}\n<13>next\n`), [size]))).toEqual([text, "<13>next"]);
  }
});

test("of a message over the limit the beginning is returned, and the next one is found", () => {
  const long = `<13>${"x".repeat(5_000)}`;
  for (const stream of [`${long}\n<13>next\n`, `${octets(long)}${octets("<13>next")}`]) {
    for (const size of [7, 10_000]) {
      const frames = framesOf(Buffer.from(stream), [size]);
      expect(frames.map(({ isCut }) => isCut)).toEqual([true, false]);
      expect(textsOf(frames)).toEqual([long.slice(0, MAX), "<13>next"]);
    }
  }
});

test("line ends, NULs and spaces between messages are no messages", () => {
  expect(textsOf(framesOf(Buffer.from("\r\n\n<13>a\r\n\0<13>b\0\n \n6 <13>c\n6 <13>d\n"), [100]))).toEqual([
    "<13>a",
    "<13>b",
    "<13>c",
    "<13>d",
  ]);
});

test("the end of a connection ends a line, and not a message with a length", () => {
  expect(textsOf(framesOf(Buffer.from("<13>last"), [3]))).toEqual(["<13>last"]);
  const reader = makeFrameReader(MAX);
  reader.push(Buffer.from("20 <13>half"));
  expect([reader.isWithin(), reader.end()]).toEqual([true, []]);
});
