import { expect, it } from "vitest";
import { parseJson } from "./json";

it("preserves every digit of an integer", () => {
  expect(
    parseJson('{"user_id":1782345678901234567,"list":[9007199254740993,-9007199254740993],"ok":9007199254740991}'),
  ).toEqual({
    user_id: "1782345678901234567",
    list: ["9007199254740993", "-9007199254740993"],
    ok: 9007199254740991,
  });
  expect(parseJson("1782345678901234567")).toBe("1782345678901234567");
});

it("otherwise returns the same as JSON.parse", () => {
  const text =
    '{"a":[1,2.5,-3e2,true,null,"1782345678901234567","\\u4e2d\\ud83d\\ude00"],"n":1234567890123456.5,"d":1,"d":2}';
  expect(parseJson(text)).toEqual(JSON.parse(text));
  const polluting = '{"__proto__":{"role":"admin"},"n":1782345678901234567}';
  expect(Object.hasOwn(parseJson(polluting) as object, "__proto__")).toBe(true);
  expect(({} as Record<string, unknown>).role).toBeUndefined();
  expect(() => parseJson('{"n":1782345678901234567')).toThrow(SyntaxError);
});

it("parses values nested too deeply to traverse recursively", () => {
  const deep = `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`;
  expect(parseJson(`[{"id":1},${deep}]`)).toHaveLength(2);
});
