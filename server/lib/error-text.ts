import { createTranslator } from "use-intl/core";
import en from "@/messages/en.json" with { type: "json" };
import type { Locale } from "@/messages/locales";
import zhCN from "@/messages/zh-CN.json" with { type: "json" };
import {
  type CodedError,
  type ErrorValue,
  type ErrorWords,
  errorText,
  isErrorCode,
  type Refusal,
  refusalText,
} from "@/server/catalog/errors";

const words = { en: wordsOf("en", en), "zh-CN": wordsOf("zh-CN", zhCN) } as const satisfies Record<Locale, ErrorWords>;

function wordsOf(locale: Locale, messages: typeof en): ErrorWords {
  const t = createTranslator({ locale, messages });
  return {
    message: (code, values) => (isErrorCode(code) ? t(`errorCodes.${code}`, values) : undefined),
    line: (name, problem) => t("inputProblems.line", { name, problem }),
  };
}

/** Renders an error as English text with the names of the API, for REST, the CLI and logs. */
export function renderError(error: CodedError, locale: Locale = "en"): string {
  return errorText(error, words[locale]);
}

/** Like renderError, with the errors of the request's fields. */
export function renderRefusal(error: Refusal, locale: Locale = "en"): string {
  return refusalText(error, words[locale]);
}

/** Returns a rejected line with its error as in responses. */
export function renderLine(
  { line, error: { code, params } }: { line: number | null; error: ErrorValue },
  locale: Locale = "en",
) {
  return { line, message: renderError({ code, params }, locale), code, params };
}
