import { expect, test } from "vitest";
import { partOfDay } from "./day-curve";
import { generateAccessLogEvents, generateUserActivityEvents } from "./traffic";

const start = new Date("2026-03-01T16:00:00Z");
const end = new Date("2026-03-02T16:00:00Z");

test.each([
  ["requests", generateAccessLogEvents],
  ["activities", generateUserActivityEvents],
])("The same seed generates the same %s, and another seed different ones", (_name, generate) => {
  const one = [...generate(200, { seed: 1, start, end })];
  expect([...generate(200, { seed: 1, start, end })]).toEqual(one);
  expect([...generate(200, { seed: 2, start, end })]).not.toEqual(one);
});

test("Exactly the requested number of events is generated, in order and within the range", () => {
  const times = Array.from(generateAccessLogEvents(5_000, { seed: 1, start, end }), (event) => event.created_at);
  expect(times).toHaveLength(5_000);
  expect(times).toEqual([...times].sort());
  expect(times.every((time) => time >= start.toISOString() && time <= end.toISOString())).toBe(true);
});

test("Every event has a unique ID", () => {
  const ids = new Set(Array.from(generateAccessLogEvents(20_000, { seed: 1, start, end }), (event) => event.id));
  expect(ids.size).toBe(20_000);
});

test("A working morning in China is busier than the night before it", () => {
  const hour = (at: string) => partOfDay(Date.parse(at), Date.parse(at) + 3_600_000);
  expect(hour("2026-03-02T02:00:00Z")).toBeGreaterThan(5 * hour("2026-03-01T19:00:00Z"));
});
