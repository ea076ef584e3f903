import { createTranslator } from "use-intl/core";
import { expect, test } from "vitest";
import en from "@/messages/en.json";
import type { Locale } from "@/messages/locales";
import zhCN from "@/messages/zh-CN.json";
import { renderError } from "@/server/lib/error-text";
import { ERRORS, errorValue, isErrorCode, parseErrorValue } from ".";

const codes = Object.keys(ERRORS).filter(isErrorCode);

function codesIn(node: object, prefix = ""): string[] {
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) =>
    typeof value === "object" && value !== null ? codesIn(value, `${prefix}${key}.`) : [`${prefix}${key}`],
  );
}

const languages: [Locale, typeof en][] = [
  ["en", en],
  ["zh-CN", zhCN],
];

test.each(languages)("Every error has a message in %s, and every message has an error", (_, messages) => {
  expect(codesIn(messages.errorCodes).toSorted()).toEqual(codes.toSorted());
});

test.each(languages)("Every message in %s uses exactly the params that its error declares", (locale, messages) => {
  const throwIt = (error: Error) => {
    throw error;
  };
  const t = createTranslator({ locale, messages, onError: throwIt });
  for (const code of codes) {
    const names = Object.keys(ERRORS[code].params.shape);
    const values = Object.fromEntries(names.map((name) => [name, 1]));
    expect(() => t(`errorCodes.${code}`, values), code).not.toThrow();
    for (const name of names) {
      const { [name]: _, ...rest } = values;
      expect(() => t(`errorCodes.${code}`, rest), `${code} without ${name}`).toThrow();
    }
  }
});

test("The reason of an error is rendered in the same language", () => {
  const reason = errorValue("archive.file_missing", {});
  const error = errorValue("retention.cleanup_incomplete", { table: "access_logs", job: "7", reason });
  expect(renderError(error)).toBe("The cleanup of access_logs (job 7) is incomplete: The file is missing.");
  expect(renderError(error, "zh-CN")).toBe("access_logs的清理（作业 7）未完成：文件不存在。");
});

test("A stored error is parsed unchanged; an unknown one keeps its text", () => {
  const error = errorValue("export.too_many_rows", { limit: 1_000 });
  expect(parseErrorValue(JSON.parse(JSON.stringify(error)))).toEqual(error);
  expect(parseErrorValue("Out of order.")).toEqual(errorValue("other", { text: "Out of order." }));
  expect(renderError(parseErrorValue({ code: "export.no_such_code", params: {} }))).toContain("export.no_such_code");
  expect(renderError(parseErrorValue({ code: "export.too_many_rows", params: {} }))).toContain("export.too_many_rows");
});
