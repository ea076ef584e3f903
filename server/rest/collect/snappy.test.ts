import fc from "fast-check";
import { compress } from "snappyjs";
import { expect, test } from "vitest";
import { unsnap } from "./snappy";

const MAX = 1_000_000;

test("what snappy compressed has its bytes again", async () => {
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.tuple(fc.nat(255), fc.nat(70_000)).map(([byte, count]) => new Uint8Array(count).fill(byte)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
      const bytes = Buffer.concat([...parts, ...parts]);
      expect(Buffer.from((await unsnap(compress(bytes), MAX)) ?? "").equals(bytes)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test("truncated and damaged bytes are refused, or have the declared length", async () => {
  const whole = compress(Buffer.from("a text that repeats, that repeats, that repeats. ".repeat(20)));
  for (let length = 0; length < whole.length; length++)
    expect(await unsnap(whole.subarray(0, length), MAX)).toBeUndefined();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      const result = await unsnap(bytes, MAX);
      expect(result === undefined || result === "too_long" || result instanceof Uint8Array).toBe(true);
    }),
  );
});

test("a declared length of 4 GB allocates nothing, nor one that the input cannot have", async () => {
  expect(await unsnap(Buffer.from("ffffffff0f00", "hex"), MAX)).toBe("too_long");
  expect(await unsnap(Buffer.from("ffffffffff7f", "hex"), MAX)).toBeUndefined();
  expect(await unsnap(Buffer.from("80897a0061", "hex"), 2 ** 32)).toBeUndefined();
});
