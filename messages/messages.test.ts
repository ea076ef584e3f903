import { describe, expect, it } from "vitest";
import en from "./en.json";
import { pickLocale } from "./locales";
import zhCN from "./zh-CN.json";

function entries(node: object, prefix = ""): [string, string][] {
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) =>
    typeof value === "object" && value !== null
      ? entries(value, `${prefix}${key}.`)
      : [[`${prefix}${key}`, String(value)] as [string, string]],
  );
}

/** Returns the names of the values in a message: `{count, plural, …}` -> count. */
function placeholders(message: string): string[] {
  return [...new Set([...message.matchAll(/\{(\w+)(?=[},])/g)].map((match) => match[1] ?? ""))].sort();
}

describe("The interface is complete in both languages", () => {
  it("has the same messages in English and Chinese", () => {
    expect(entries(zhCN).map(([key]) => key)).toEqual(entries(en).map(([key]) => key));
  });

  it("leaves no message empty", () => {
    expect([...entries(en), ...entries(zhCN)].filter(([, text]) => text.trim() === "")).toEqual([]);
  });

  it("uses the same values in both", () => {
    const chinese = new Map(entries(zhCN));
    const different = entries(en)
      .filter(([key, text]) => placeholders(text).join() !== placeholders(chinese.get(key) ?? "").join())
      .map(([key]) => key);
    expect(different).toEqual([]);
  });
});

describe("The language of a visitor", () => {
  it("is the chosen one, regardless of the browser's preference", () => {
    expect(pickLocale("en", "zh-CN")).toBe("en");
  });

  it("is the supported one that the browser prefers most", () => {
    expect(pickLocale(undefined, "fr-FR, zh-TW;q=0.8, en;q=0.5")).toBe("zh-CN");
    expect(pickLocale(undefined, "zh;q=0.1, en-GB;q=0.9")).toBe("en");
    expect(pickLocale(undefined, "zh-CN;q=0, en;q=0.2")).toBe("en");
  });

  it("is English if the browser prefers neither, or if the cookie is invalid", () => {
    expect(pickLocale("xx", "fr")).toBe("en");
    expect(pickLocale(undefined, null)).toBe("en");
  });
});
