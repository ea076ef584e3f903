import { PassThrough } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { writeWorkbook } from "./workbook";

const CHUNK = 1_000;
const CHUNKS = 80;

const SLOW = { timeout: 30_000 };

test("Rows are requested no faster than the file is read, and all of them are written", SLOW, async () => {
  const output = new PassThrough();
  let requested = 0;
  async function* chunks() {
    for (; requested < CHUNKS; requested++) {
      yield Array.from({ length: CHUNK }, (_, row) => ({
        text: Array.from({ length: 10 }, () => crypto.randomUUID()).join(""),
        number: requested * CHUNK + row,
      }));
    }
  }
  const columns = [
    { name: "text", kind: "text" as const },
    { name: "number", kind: "integer" as const },
  ];
  let written = 0;
  const onRows = (rows: number) => {
    written = rows;
  };
  const writing = writeWorkbook(output, [{ title: "rows", columns, chunks }], { onRows, sheetRows: CHUNK * CHUNKS });
  // More turns than writing all rows takes, without a reader.
  for (let turn = 0; turn < (CHUNK * CHUNKS) / 10; turn++) await setImmediate();
  expect(requested).toBeGreaterThan(0);
  expect(requested).toBeLessThan(CHUNKS / 2);
  output.resume();
  await writing;
  expect(written).toBe(CHUNK * CHUNKS);
});
