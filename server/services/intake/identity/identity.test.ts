import { describe, expect, test } from "vitest";
import { deriveId, makeIdDeriver, makeRowText, plainId, readingKey } from "./identity";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const KEY = Buffer.alloc(32, 7);
const key = readingKey(KEY, { format: "log_line" });
const derive = (text: string, occurrence: number) => deriveId(key, text, occurrence);

test("an id is a UUID that depends only on the text and its occurrence", () => {
  expect(derive("a line", 0)).toMatch(UUID);
  expect(derive("a line", 0)).toBe(derive("a line", 0));
  const others = [derive("a line", 0), derive("a line", 1), derive("another", 0), derive("a line\n1", 0)];
  expect(new Set(others).size).toBe(others.length);
});

test("the same line with another key, format or source is another event", () => {
  const keys = [
    readingKey(KEY, { format: "log_line" }),
    readingKey(KEY, { format: "json" }),
    readingKey(KEY, { format: "log_line", source: "web1" }),
    readingKey(KEY, { format: "log_line", source: "web2" }),
    readingKey(Buffer.alloc(32, 8), { format: "log_line" }),
  ];
  expect(new Set(keys.map((each) => deriveId(each, "a line", 0))).size).toBe(keys.length);
});

test("equal lines of one file get different ids, and the same ones when the file is read again", () => {
  const lines = ["a", "b", "a", "a", "b", "c"];
  const ids = () => {
    const idOf = makeIdDeriver(derive);
    return lines.map((line) => idOf(line));
  };
  expect(new Set(ids()).size).toBe(lines.length);
  expect(ids()).toEqual(ids());
});

test("any number of equal lines get different ids, as long as they are close to each other", () => {
  const idOf = makeIdDeriver(derive, 2);
  const ids = ["a", "a", "a", "b", "a", "c", "a"].map((line) => idOf(line));
  expect(new Set(ids).size).toBe(ids.length);
});

test("a line that has not occurred for long is forgotten", () => {
  const idOf = makeIdDeriver(derive, 2);
  const first = idOf("a");
  for (const text of ["b", "c", "d"]) idOf(text);
  expect(idOf("a")).toBe(first);
});

test("an id of version 0.1 equals the one that that version derived from the line", () => {
  expect(plainId("a line")).toBe("5ede2f28-37d1-5f14-93f1-e6d73cdc240f");
  expect(plainId("a line", 1)).not.toBe(plainId("a line"));
});

describe("a CSV row", () => {
  const textOf = (...rows: Record<string, unknown>[]) => {
    const rowText = makeRowText();
    return rows.map((row) => rowText(row));
  };

  test("is the same in any column order, and another with other names or values", () => {
    const [row, reordered, renamed, swapped] = textOf(
      { user_id: "u", session_id: "s" },
      { session_id: "s", user_id: "u" },
      { user: "u", session_id: "s" },
      { user_id: "s", session_id: "u" },
    );
    expect(reordered).toBe(row);
    expect(new Set([row, renamed, swapped]).size).toBe(3);
  });

  test("is not confused with another by the content of its values", () => {
    const texts = textOf(
      { a: "1", b: "2" },
      { a: '1"b"=1:2' },
      { a: "1" },
      { constructor: "1" },
      { a: null },
      { a: "null" },
    );
    expect(new Set(texts).size).toBe(texts.length);
  });
});
