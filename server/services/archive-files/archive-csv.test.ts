import fc from "fast-check";
import { expect, test } from "vitest";
import { type CsvRecord, countCsvRecords, formatCsvRecord, readCsvRecords } from "./archive-csv";

const write = (records: readonly CsvRecord[]) => records.map(formatCsvRecord).join("");

async function* inChunks(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string, size = 1_000): Promise<CsvRecord[]> {
  const records: CsvRecord[] = [];
  for await (const block of readCsvRecords(inChunks(text, size))) records.push(...block);
  return records;
}

const value = fc.oneof(
  fc.constant(null),
  fc.constant(""),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom('"', "\n", "\\.", ",", '""\r\n'),
);

test("every record is read back unchanged, for any chunk boundaries", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(value, value, value), { maxLength: 20 }),
      fc.integer({ min: 1, max: 40 }),
      async (records, size) => {
        const text = write(records);
        expect(await read(text, size)).toEqual(records);
        expect(await countCsvRecords(inChunks(text, size))).toBe(records.length);
      },
    ),
  );
});

test("empty text and NULL are distinguished", async () => {
  expect(await read('a,"",\n')).toEqual([["a", "", null]]);
});

test.each(["a,b", 'a,"b\n', 'a,b\nc,"'])("a text that ends within a record is rejected: %j", async (text) => {
  await expect(read(text)).rejects.toThrow(SyntaxError);
  await expect(countCsvRecords(inChunks(text, 3))).rejects.toThrow(SyntaxError);
});

test("a record with fewer fields than the first is rejected", async () => {
  await expect(countCsvRecords(inChunks("a,b\nc\n", 3))).rejects.toThrow(SyntaxError);
});
