import { expect, test } from "vitest";
import { deriveId, makeIdDeriver } from "./identity";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("an id is a UUID that depends on the text and its occurrence alone", () => {
  expect(deriveId("a line", 0)).toMatch(UUID);
  expect(deriveId("a line", 0)).toBe(deriveId("a line", 0));
  expect(new Set([deriveId("a line", 0), deriveId("a line", 1), deriveId("another", 0)]).size).toBe(3);
});

test("equal lines of one file get different ids, and the same ones when the file comes again", () => {
  const lines = ["a", "b", "a", "a", "b", "c"];
  const first = lines.map(makeIdDeriver());
  expect(new Set(first).size).toBe(lines.length);
  expect(lines.map(makeIdDeriver())).toEqual(first);
});

test("equal lines stay apart however many they are, as long as they follow each other closely", () => {
  const derive = makeIdDeriver(2);
  const ids = ["a", "a", "a", "b", "a", "c", "a"].map(derive);
  expect(new Set(ids).size).toBe(ids.length);
});

test("a line that did not come for long is forgotten", () => {
  const derive = makeIdDeriver(2);
  const first = derive("a");
  for (const text of ["b", "c", "d"]) derive(text);
  expect(derive("a")).toBe(first);
});
