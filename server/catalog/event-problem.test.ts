import { expect, test } from "vitest";
import { EVENT_REASONS, problemText, readProblem } from "./event-problem";

test.each(EVENT_REASONS)("The reason %s is told from its text, with its numbers", (reason) => {
  const text = problemText("created_at", reason, { min: -5, max: "2.5", code: "22P02" });
  const read = readProblem(text);
  expect(read).toMatchObject({ field: "created_at", reason });
  expect(text).not.toMatch(/undefined|[{}]/);
  expect(problemText("created_at", reason, read?.values)).toBe(text);
});

test.each(["", "created_at", "created_at: something else", "longer than 5 characters"])(
  "The text %j is of another making",
  (text) => {
    expect(readProblem(text)).toBeNull();
  },
);
