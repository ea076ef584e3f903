import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { AppError } from "@/server/lib/errors";
import { unpackIfNeeded } from "./unpack";

const TEXT = Array.from({ length: 40 }, (_, index) => `line ${index} ${(index * 7919) % 10007}\n`).join("");

/** TEXT as compressed by the programs zstd and xz, which Node.js 20 cannot do. */
const ZSTD = Buffer.from(
  [
    "KLUv/WT4ADUFAELPHw/AFdqG9f9ub27JLf0Q5rChU8aTnhZhwpuZWfUrkiuOJrecGRlKZYi98Bnz8/HsVFpVDW86scR2Uswd3YZw",
    "7sKUW4ulizGkaHi2hSZD5kOqWBY30tnp34TTOlNKcbbuMSoi5UVnaHZDfJnP8ulIRFV6/OF0jCjXOxuCQcAgIAgnqBBubMdwKVBx",
    "EBLqA7KoAIoGF1sq3gBsSmXIqglzvBVG0FKhnskl",
  ].join(""),
  "base64",
);
const XZ = Buffer.from(
  [
    "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AH3AMpdADYaSh8IoCiQIlpmVM/aFK5j0HM1r6cUIWh9N1M5yMWOTDV9AAypF8HfYnlR",
    "VoN8WKTyumYUYa/vBAG4FEqhV+aAh4d6vqWlQxOs6ED/eQxG7VkAJTtuAZroKumCFgp1cNrPscSLGIdN1o7jkD6kk4W4sGM9Vx3m",
    "QUWf7h28NTUprmOzY/TqQmcExBGtIfQBtZE2XHD814tBYA0ZPshd6ZHeI1owNiZXxJverOYQzO9hZOIsScbePwgcueZ+yIjCMr/c",
    "KmRng8SL44AAAAAOAZqk6qJ77QAB5gH4AwAA44W8f7HEZ/sCAAAAAARZWg==",
  ].join(""),
  "base64",
);
const ARCHIVES = { gzip: gzipSync(TEXT), zstd: ZSTD, xz: XZ } as const;
const FORMATS = ["gzip", "zstd", "xz"] as const;

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpacked(bytes: Uint8Array, size = 1000, mustBeGzip = false) {
  let text = "";
  try {
    const { chunks } = await unpackIfNeeded(pieces(bytes, size), mustBeGzip);
    for await (const chunk of chunks) text += Buffer.from(chunk).toString();
  } catch (error) {
    if (error instanceof AppError) return { text, problem: error.message };
    throw error;
  }
  return { text };
}

test("text is passed unchanged", async () => {
  expect(await unpacked(Buffer.from("plain"))).toEqual({ text: "plain" });
  expect(await unpacked(Buffer.from("BZh is text too"))).toEqual({ text: "BZh is text too" });
  expect(await unpacked(Buffer.from("x"), 1)).toEqual({ text: "x" });
  expect(await unpacked(Buffer.alloc(0))).toEqual({ text: "" });
});

test("several gzip members form one text, for any chunk boundaries", async () => {
  const first = gzipSync("one ");
  const all = Buffer.concat([first, gzipSync("two "), gzipSync("three")]);
  for (const size of [1, 2, 3, first.length - 1, first.length, first.length + 1, all.length]) {
    expect(await unpacked(all, size)).toEqual({ text: "one two three" });
  }
});

test.each(["zstd", "xz"] as const)(
  "%s: a file, also of several parts, is read for any chunk boundaries",
  async (format) => {
    const archive = ARCHIVES[format];
    const padding = Buffer.alloc(format === "xz" ? 8 : 0);
    const all = Buffer.concat([archive, archive, padding, archive]);
    for (const size of [1, archive.length + 1]) {
      expect(await unpacked(all, size)).toEqual({ text: TEXT.repeat(3) });
    }
  },
);

test.each(FORMATS)("%s: a truncated file yields what could be unpacked, and names the position", async (format) => {
  const archive = ARCHIVES[format];
  const cut = Buffer.concat([archive, archive.subarray(0, archive.length - 5)]);
  const { text, problem } = await unpacked(cut);
  expect(problem).toBe(`The ${format} file is truncated: it ends after ${cut.length} bytes.`);
  expect(text.startsWith(TEXT)).toBe(true);
  expect(TEXT.repeat(2).startsWith(text)).toBe(true);
});

test.each(FORMATS)("%s: a corrupted file is reported with the position, after the parts before", async (format) => {
  const archive = ARCHIVES[format];
  const damaged = Buffer.concat([archive, archive, archive]);
  damaged.fill(0xff, archive.length + 30, archive.length + 60);
  const { text, problem } = await unpacked(damaged, 50);
  expect(problem).toMatch(new RegExp(`^The ${format} file is corrupted near byte \\d+\\.$`));
  expect(text.startsWith(TEXT)).toBe(true);
});

test.each([
  ["bzip2", [0x42, 0x5a, 0x68, 0x39, 0x31, 0x41]],
  ["zip", [0x50, 0x4b, 0x03, 0x04, 0x14, 0x00]],
  ["7z", [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
])("a %s file is refused by name", async (name, bytes) => {
  const { problem } = await unpacked(Buffer.from([...bytes, 0, 0, 0]));
  expect(problem).toMatch(`Files in ${name} format are not supported.`);
});

test("bytes declared as gzip that are not are rejected", async () => {
  expect((await unpacked(Buffer.from("plain"), 10, true)).problem).toMatch(/not gzip/);
  expect((await unpacked(ZSTD, 10, true)).problem).toMatch(/not gzip/);
});

/** A zstd frame with a window of 128 KB and blocks of 128 KB zeros in 4 bytes each. */
function zstdBomb(blocks: number): Buffer {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38]);
  const all = Array.from({ length: blocks }, (_, index) => {
    const header = 128 * 1024 * 8 + 2 + (index === blocks - 1 ? 1 : 0);
    return Buffer.from([header & 0xff, (header >> 8) & 0xff, (header >> 16) & 0xff, 0]);
  });
  return Buffer.concat([head, ...all]);
}

test.each([
  ["gzip", () => Buffer.concat(Array.from({ length: 12 }, () => gzipSync(Buffer.alloc(16 * 1024 * 1024))))],
  ["zstd", () => zstdBomb(8_000)],
])("a decompression bomb in %s is rejected early", async (_, bomb) => {
  let bytes = 0;
  const read = async () => {
    const { chunks } = await unpackIfNeeded(Readable.from([bomb()]), false);
    for await (const block of chunks) bytes += block.length;
  };
  await expect(read()).rejects.toMatchObject({ kind: "TOO_LARGE" });
  expect(bytes).toBeLessThan(110 * 1024 * 1024);
});

test("data with the ratio of logs is no bomb", async () => {
  const lines = Array.from({ length: 100_000 }, (_, i) => `10.0.0.1 - - [${i}] "GET /health HTTP/1.1" 200\n`);
  const member = gzipSync(lines.join(""));
  const logs = Buffer.concat(Array.from({ length: 8 }, () => member));
  let read = 0;
  for await (const block of (await unpackIfNeeded(Readable.from([logs]), true)).chunks) read += block.length;
  expect(read).toBeGreaterThan(32 * 1024 * 1024);
});
