import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { AppError } from "@/server/lib/errors";
import { gunzipIfNeeded } from "./gunzip";

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpacked(bytes: Uint8Array, size = 1000, required = false) {
  let text = "";
  try {
    for await (const chunk of await gunzipIfNeeded(pieces(bytes, size), required))
      text += Buffer.from(chunk).toString();
  } catch (error) {
    if (error instanceof AppError) return { text, problem: error.message };
    throw error;
  }
  return { text };
}

const text = Array.from({ length: 5000 }, (_, index) => `line ${index} ${(index * 7919) % 10007}`).join("\n");

test("bytes that are not gzip are passed unchanged", async () => {
  expect(await unpacked(Buffer.from("plain"))).toEqual({ text: "plain" });
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

test("a truncated archive yields what could be unpacked and reports the truncation", async () => {
  const archive = gzipSync(text);
  const result = await unpacked(archive.subarray(0, archive.length >> 1));
  expect(result.problem).toBe("The gzip file is truncated.");
  expect(result.text.length).toBeGreaterThan(0);
  expect(text.startsWith(result.text)).toBe(true);
});

test("a corrupted archive is reported as corrupted", async () => {
  const archive = gzipSync(text);
  archive.fill(0xff, archive.length >> 1);
  expect((await unpacked(archive)).problem).toBe("The gzip file is corrupted.");
});

test("bytes declared as gzip that are not are rejected", async () => {
  expect((await unpacked(Buffer.from("plain"), 10, true)).problem).toMatch(/not gzip/);
});

test("a decompression bomb is rejected early, and data with the ratio of logs is not", async () => {
  const times = (member: Buffer, count: number) => Buffer.concat(Array.from({ length: count }, () => member));
  const zeros = times(gzipSync(Buffer.alloc(16 * 1024 * 1024)), 12);
  let bytes = 0;
  const bomb = async () => {
    for await (const block of await gunzipIfNeeded(Readable.from([zeros]), true)) bytes += block.length;
  };
  await expect(bomb()).rejects.toMatchObject({ kind: "TOO_LARGE" });
  expect(bytes).toBeLessThan(110 * 1024 * 1024);

  const lines = Array.from({ length: 100_000 }, (_, i) => `10.0.0.1 - - [${i}] "GET /health HTTP/1.1" 200\n`);
  const logs = times(gzipSync(lines.join("")), 8);
  let read = 0;
  for await (const block of await gunzipIfNeeded(Readable.from([logs]), true)) read += block.length;
  expect(read).toBeGreaterThan(32 * 1024 * 1024);
});
