import { expect, it } from "vitest";
import { withCjkSpaces, withoutUnitSpace } from "./cjk-spacing";

it.each([
  ["7小时后", "7 小时后"],
  ["966.5万", "966.5 万"],
  ["230K", "230K"],
  ["in 7 hours", "in 7 hours"],
])("A number stands apart from the Chinese character after it: %s", (text, expected) => {
  expect(withCjkSpaces(text)).toBe(expected);
});

it.each([
  ["约 966.5 万 行", "约 966.5 万行"],
  ["约 25,000 行", "约 25,000 行"],
  ["1.2 万/秒", "1.2 万/秒"],
])("A number in ten thousands joins its measure word: %s", (text, expected) => {
  expect(withoutUnitSpace(text)).toBe(expected);
});
