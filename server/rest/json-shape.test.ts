import { expect, test } from "vitest";
import { longestBlock } from "@/server/testing/event-loop";
import { checkJsonShape } from "./json-shape";

const MB = 1024 * 1024;
const check = (text: string) => checkJsonShape(new TextEncoder().encode(text));

test.each([
  ["levels", "[".repeat(2 * MB), "BAD_REQUEST"],
  ["objects in one another", '{"a":'.repeat(101), "BAD_REQUEST"],
  ["values", `[${"0,".repeat(MB)}0]`, "TOO_LARGE"],
  ["empty lists", `[${"[],".repeat(MB / 2)}0]`, "TOO_LARGE"],
])("A body of very many %s is refused before it is parsed, without holding up the others", async (_, text, code) => {
  const bytes = new TextEncoder().encode(text);
  let thrown: unknown;
  const turn = await longestBlock(async () => {
    try {
      checkJsonShape(bytes);
    } catch (error) {
      thrown = error;
    }
  });
  expect(thrown).toMatchObject({ kind: code });
  expect(turn).toBeLessThan(100);
});

test("Brackets and commas inside a string are not counted", () => {
  check(JSON.stringify({ text: '[{"\\,'.repeat(50_000), more: ["\\", '"', "[[["] }));
  check(JSON.stringify({ ids: Array(10_000).fill("0b0e7a52-6b0f-4b60-9a52-5d6c6b2f1c11") }));
  check(`${"[".repeat(100)}${"]".repeat(100)}`);
});
