import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, test } from "vitest";
import { logTables } from "@/server/catalog";
import type { IntakeFormat } from "@/server/catalog/formats";
import { groupCsvLines } from "./csv-lines";
import { readLines } from "./lines";
import type { IntakeRecord } from "./record";
import { readRecords } from "./records";

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function recordsOf(text: string | Uint8Array, format: IntakeFormat, size = 65_536): Promise<IntakeRecord[]> {
  const { blocks } = await readRecords(cut(Buffer.from(text), size), format, logTables.user_activities);
  const records: IntakeRecord[] = [];
  for await (const block of blocks) records.push(...block);
  return records;
}

const eventsOf = async (text: string, format: IntakeFormat) =>
  (await recordsOf(text, format)).map(({ event, error }) => error ?? event);

describe("NDJSON", () => {
  test("has one value per line; blank lines are skipped, invalid ones keep their text and line", async () => {
    expect(await recordsOf('{"a":1}\r\n\n  \n{"a":\n[2]', "ndjson")).toEqual([
      { text: '{"a":1}', line: 1, event: { a: 1 } },
      { text: '{"a":', line: 4, error: { code: "event.not_json", params: { field: "event" } } },
      { text: "[2]", line: 5, event: [2] },
    ]);
  });

  test("nested 100,000 deep does not stop the parser", async () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    expect(await recordsOf(`${deep}\n{"a":1}`, "ndjson")).toHaveLength(2);
  });
});

describe("An event longer than 256 KB", () => {
  const long = "x".repeat(256 * 1024);
  const short = '{"user_id":"7","action":"a"}';

  test.each([
    ["ndjson", `{"user_id":"${long}","action":"a"}\n${short}\n`],
    ["json", `[{"user_id":"${long}","action":"a"},${short}]`],
    ["csv", `user_id,action\n${long},a\n7,a\n`],
    ["csv", `user_id,action\n"${`${"x".repeat(63)}\n`.repeat(5_000)}",a\n7,a\n`],
    ["combined", `${long}x\n10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 1\n`],
  ] as const)("in %s is rejected with its beginning, and those after it are read", async (format, text) => {
    const records = await recordsOf(text, format);
    const [first] = records;
    expect(first?.error).toEqual({ code: "event.event_too_long", params: { field: "event", max: 256 } });
    expect(Buffer.byteLength(first?.text ?? "")).toBeLessThanOrEqual(64 * 1024);
    expect(records.at(-1)?.error).toBeUndefined();
  });

  test("of exactly the maximum length is accepted", async () => {
    const event = { user_id: "7", action: "" };
    const action = "x".repeat(256 * 1024 - JSON.stringify(event).length);
    expect(await eventsOf(JSON.stringify({ ...event, action }), "ndjson")).toEqual([{ ...event, action }]);
  });
});

describe("a JSON document", () => {
  const items = '{"a":"]},[{"}, {"b":[1,{"c":"\\""}]} ,3';

  test("with an array or items yields each element with its own text", async () => {
    const texts = ['{"a":"]},[{"}', '{"b":[1,{"c":"\\""}]}', "3"];
    for (const document of [`[${items}]`, `\uFEFF { "items" : [ ${items} ] }`]) {
      const records = await recordsOf(document, "json");
      expect(records.map((record) => record.text)).toEqual(texts);
      expect(records.map((record) => record.event)).toEqual(texts.map((text) => JSON.parse(text)));
      expect(records.map((record) => record.line)).toEqual([1, 2, 3]);
    }
  });

  test("with one object is one event, with an empty array none", async () => {
    expect(await eventsOf('{"user_id":"7"}', "json")).toEqual([{ user_id: "7" }]);
    expect(await eventsOf("[ ]", "json")).toEqual([]);
  });

  test.each([
    ['{"a":', "BAD_REQUEST"],
    ["", "BAD_REQUEST"],
    ["7", "UNPROCESSABLE"],
    ['{"items":[],"more":1}', "UNPROCESSABLE"],
    ['{"items":[1],"items":[1,2]}', "UNPROCESSABLE"],
    [`[${" ".repeat(10 * 1024 * 1024)}]`, "TOO_LARGE"],
  ])("that is invalid is rejected: %.20s", async (text, code) => {
    await expect(recordsOf(text, "json")).rejects.toMatchObject({ kind: code });
  });

  test("yields the elements that JSON.parse returns", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 2), async (values, indent) => {
        const records = await recordsOf(JSON.stringify(values, undefined, indent), "json");
        expect(records.map((record) => JSON.parse(record.text))).toEqual(JSON.parse(JSON.stringify(values)));
      }),
    );
  });
});

describe("CSV", () => {
  test("yields one event per row, with quoted cells over several lines; an empty cell is no value", async () => {
    const text = 'user_id,action,note\r\n7,login,\r\n"8","a ""b""","one\r\ntwo"\r\n\r\n9,x,z';
    expect(await recordsOf(text, "csv")).toEqual([
      { text: "7,login,", line: 2, event: { user_id: "7", action: "login" } },
      { text: '"8","a ""b""","one\r\ntwo"', line: 3, event: { user_id: "8", action: 'a "b"', note: "one\r\ntwo" } },
      { text: "9,x,z", line: 6, event: { user_id: "9", action: "x", note: "z" } },
    ]);
  });

  test("rejects only a row with a different number of cells, with its text", async () => {
    expect(await recordsOf("user_id,action\n7\n8,a,b\n9,c", "csv")).toEqual([
      { text: "7", line: 2, error: { code: "event.fewer_cells", params: { field: "row" } } },
      { text: "8,a,b", line: 3, error: { code: "event.more_cells", params: { field: "row" } } },
      { text: "9,c", line: 4, event: { user_id: "9", action: "c" } },
    ]);
  });

  test("with a quote that is never closed rejects only that line", async () => {
    expect(await eventsOf('user_id,action\n1,a\n2,"b\n3,c\n4,d', "csv")).toEqual([
      { user_id: "1", action: "a" },
      { code: "event.unclosed_quote", params: { field: "row" } },
      { user_id: "3", action: "c" },
      { user_id: "4", action: "d" },
    ]);
  });

  test.each([
    ["never closed", '"x\n'],
    ["closed and opened again", '","\n'],
    ["alone in a long line", `"${"x".repeat(300)}\n`],
  ])("of 1 MB of quotes that are %s is parsed, and no line is lost", { timeout: 60_000 }, async (_, line) => {
    const lines = Math.ceil(1_000_000 / line.length);
    let texts = 0;
    for await (const group of groupCsvLines(readLines(cut(Buffer.from(line.repeat(lines)), 65_536)), ",")) {
      for (const { text } of group) texts += text.split("\n").length;
    }
    expect(texts).toBe(lines);
  });

  test.each([
    [{ length: 1_000, lines: 3 }, ["1,ok", '2,"b', "3,c", "4,d", '5,"e\nf"']],
    [{ length: 11, lines: 100 }, ["1,ok", '2,"b', "3,c", "4,d", '5,"e\nf"']],
    [{ length: 1_000, lines: 100 }, ["1,ok", '2,"b\n3,c\n4,d\n5,"e\nf"']],
  ])("abandons a quote at the limit %j, and the next one can still close", async (limits, expected) => {
    const text = '1,ok\n2,"b\n3,c\n4,d\n5,"e\nf"\n';
    const texts: string[] = [];
    for await (const group of groupCsvLines(readLines(cut(Buffer.from(text), 7)), ",", limits)) {
      texts.push(...group.map((record) => record.text));
    }
    expect(texts).toEqual(expected);
  });

  test.each([
    ["a semicolon", "user_id;action\n1;a,b\n", { user_id: "1", action: "a,b" }],
    ["a tab", "user_id\taction\n1\ta\n", { user_id: "1", action: "a" }],
    ["Excel's line", 'sep=;\r\nuser_id;action;note\r\n1;"a;b";c\r\n', { user_id: "1", action: "a;b", note: "c" }],
    ["a quoted Excel's line", '"sep=|"\nuser_id|action\n1|a\n', { user_id: "1", action: "a" }],
    ["other common names", "用户;uid;event\n甲;1;a\n", { 用户: "甲", uid: "1", event: "a" }],
  ])("is delimited as %s indicates", async (_, text, event) => {
    expect(await eventsOf(text, "csv")).toEqual([event]);
  });

  test("with a header of 1,001 columns, or of more than 64 KB, is rejected", async () => {
    const columns = (count: number) => Array.from({ length: count }, (__, n) => `c${n}`).join(",");
    await expect(recordsOf(`user_id,action,${columns(999)}\n`, "csv")).rejects.toThrow("more than 1000 columns");
    await expect(recordsOf(`user_id,action,${"x".repeat(65_536)}\n`, "csv")).rejects.toThrow("exceeds 64 KB");
    expect(await recordsOf(`user_id,action,${columns(998)}\n`, "csv")).toEqual([]);
  });

  test("reads a quote inside an unquoted cell as text", async () => {
    expect(await eventsOf('user_id,action\n1,5" screen\n2,b', "csv")).toEqual([
      { user_id: "1", action: '5" screen' },
      { user_id: "2", action: "b" },
    ]);
  });

  test.each([
    ["", "lacks user_id, action"],
    ["id,action\n1,2", "lacks user_id"],
    ["user_id,action,action\n1,2,3", "contains action more than once"],
    ["user_id,,action\n1,2,3", "without a usable name"],
    ["user_id,action,__proto__\n1,2,3", "without a usable name"],
  ])("with the header %j is rejected before any row", async (text, reason) => {
    await expect(recordsOf(text, "csv")).rejects.toThrow(reason);
  });

  const cell = fc.oneof(
    fc.string(),
    fc.constantFrom('"', '""', ",", "a\nb", "a\r\nb", " ", ' "x" ', "汉字", "'", "\t"),
  );
  // Some writers treat a row of blank cells as a blank line; a lone CR at a line's end belongs to CRLF.
  const row = fc.tuple(cell, cell, cell).filter((cells) => cells.some((text) => text.trim() !== ""));

  test("written by papaparse is read back cell for cell", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        fc.integer({ min: 1, max: 50 }),
        async (rows, newline, quotes, size) => {
          const text = Papa.unparse({ fields: ["user_id", "action", "note"], data: rows }, { newline, quotes });
          const events = (await recordsOf(text, "csv", size)).map(({ event }) => event);
          const expected = rows.map(([user_id, action, note]) =>
            Object.fromEntries(Object.entries({ user_id, action, note }).filter(([, value]) => value !== "")),
          );
          expect(events).toEqual(expected);
        },
      ),
    );
  });

  test("loses no line of any text", async () => {
    const piece = fc.oneof(fc.constantFrom('"', ",", "\n", "\r\n", ' "', '",', "a"), fc.string());
    const limits = fc.record({ length: fc.integer({ min: 1, max: 30 }), lines: fc.integer({ min: 1, max: 8 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(piece), limits, async (pieces, quoteLimits) => {
        const text = pieces.join("");
        const texts: string[] = [];
        for await (const group of groupCsvLines(readLines(cut(Buffer.from(text), 7)), ",", quoteLimits)) {
          texts.push(...group.map((record) => record.text));
        }
        const nonBlank = (all: string) =>
          all
            .split("\n")
            .map((line) => line.replace(/\r$/, ""))
            .filter((line) => line.trim() !== "");
        expect(texts.flatMap(nonBlank)).toEqual(nonBlank(Buffer.from(text).toString()));
      }),
    );
  });
});

describe("every format", () => {
  const formats = ["ndjson", "combined", "csv"] as const;

  test("yields the same records for any chunk boundaries, and one for every line that is not blank", async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.constantFrom("\n", "\r\n", '{"a":1}', "汉", '"', "1,2", "\u0000").map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece),
        fc.constantFrom(...formats),
        fc.integer({ min: 1, max: 9 }),
        async (pieces, format, size) => {
          const header = format === "csv" ? "user_id,action\n" : "";
          const bytes = Buffer.concat([Buffer.from(header), ...pieces]);
          const records = await recordsOf(bytes, format);
          expect(await recordsOf(bytes, format, size)).toEqual(records);
          for (const record of records) expect(record.error === undefined).toBe("event" in record);
          if (format === "csv") return;
          const lines = bytes
            .toString()
            .split("\n")
            .map((line) => line.replace(/^\0+/, ""))
            .filter((line) => line.replace(/^\uFEFF/, "").trim() !== "");
          expect(records).toHaveLength(lines.length);
        },
      ),
    );
  });
});
