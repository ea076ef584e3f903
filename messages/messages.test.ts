import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
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

/** Messages that are looked up by data, such as an error's code. */
const BY_DATA = /^(errorCodes|codes|logFilter\.derived|explore\.nouns|eventProblems\.parts|inputProblems\.names)\./;

/** The sources of each feature, without tests. */
function sourcesByFeature(): string[] {
  const sources = new Map<string, string>();
  for (const folder of ["app", "components", "server"]) {
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      if (!/(?<!\.test)\.tsx?$/.test(file)) continue;
      const feature = folder === "components" ? path.dirname(file).split(path.sep)[0] : folder;
      sources.set(`${feature}`, `${sources.get(`${feature}`) ?? ""}\n${readFileSync(path.join(folder, file), "utf8")}`);
    }
  }
  return [...sources.values()];
}

/** The keys that a feature's sources name, in full or with a part that is filled in: `alerts.rules.${rule}.name`. */
function isNamedIn(source: string): (key: string) => boolean {
  const groups = (text: RegExp) => [...new Set([...source.matchAll(text)].map((match) => match[1] ?? ""))];
  const namespaces = groups(/Translations\("([\w.]+)"\)/g).map((name) => `${name}.`);
  if (/Translations\(\)|createTranslator\(/.test(source)) namespaces.push("");
  const whole = new Set(groups(/["`]([\w.-]+)["`]/g));
  const heads = groups(/["`]((?:[\w-]+\.)+[\w-]*)\$\{/g);
  const tails = groups(/`\$\{[^}`]*\}([\w.-]{3,})`/g);
  const isNamed = (name: string) =>
    whole.has(name) || heads.some((head) => name.startsWith(head)) || tails.some((tail) => name.endsWith(tail));
  return (key) => namespaces.some((prefix) => key.startsWith(prefix) && isNamed(key.slice(prefix.length)));
}

describe("The interface is complete in both languages", () => {
  it("uses every message", () => {
    const features = sourcesByFeature().map(isNamedIn);
    const unused = entries(en)
      .map(([key]) => key)
      .filter((key) => !BY_DATA.test(key) && !features.some((isNamed) => isNamed(key)));
    expect(unused).toEqual([]);
  });

  it("sets Chinese text in Chinese punctuation, apart from Latin letters and numbers", () => {
    const plain = (text: string) =>
      text
        .replace(/\{\w+\}/g, "·")
        .replace(/\{\w+, (?:plural|select),|<\/?\w+>|\[[^\]]*\]/g, " ")
        .replace(/[{}]/g, "");
    const wrong = entries(zhCN).filter(([, text]) =>
      /\p{Script=Han}[,;:!?()A-Za-z0-9#]|[,;:!?()A-Za-z0-9#]\p{Script=Han}|……/u.test(plain(text)),
    );
    expect(wrong).toEqual([]);
  });

  it("shows commands as they are typed, without backticks", () => {
    const texts = [...entries(en), ...entries(zhCN)];
    expect(texts.filter(([, text]) => text.includes("`"))).toEqual([]);
    const command = /(?<!npm run -s cli -- )\b(?:segments (?:verify|rebuild)|archives convert|files move)\b/;
    expect(texts.filter(([, text]) => command.test(text))).toEqual([]);
  });

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
