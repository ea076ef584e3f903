import { createTranslator } from "use-intl/core";
import { withCjkSpaces } from "@/messages/cjk-spacing";
import en from "@/messages/en.json" with { type: "json" };
import type { Locale } from "@/messages/locales";
import zhCN from "@/messages/zh-CN.json" with { type: "json" };
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { renderError } from "@/server/lib/error-text";
import type { AlertUnit } from "./contract";
import { ruleOf } from "./rules";
import type { Notice, NoticeEvent } from "./types";

const translators = {
  en: createTranslator({ locale: "en", messages: en }),
  "zh-CN": createTranslator({ locale: "zh-CN", messages: zhCN }),
} as const satisfies Record<Locale, unknown>;

/** Renders an alert, and its cause if it is known, with the texts of the interface. */
export function alertMessage(notice: Omit<Notice, "severity" | "since">, locale: Locale): string {
  const t = translators[locale];
  const { rule, subject, value, threshold, cause } = notice;
  const message = t(`alerts.rules.${rule}.firing`, {
    subject: subjectName(subject, locale),
    value: amount(value, ruleOf(rule).unit, locale),
    threshold: amount(threshold, ruleOf(rule).unit, locale),
  });
  if (!cause) return message;
  const reason = renderError(cause, locale);
  return `${message}${locale === "zh-CN" ? "" : " "}${reason.charAt(0).toUpperCase()}${reason.slice(1)}`;
}

/** The title of a webhook message. */
export function noticeTitle(event: NoticeEvent, { rule }: Pick<Notice, "rule">, locale: Locale): string {
  const t = translators[locale];
  return t(`alerts.notice.${event}`, { rule: t(`alerts.rules.${rule}.name`) });
}

export function testMessage(locale: Locale): string {
  return translators[locale]("alerts.notice.testBody");
}

function subjectName(subject: string, locale: Locale): string {
  const t = translators[locale];
  const table = LOG_TABLE_NAMES.find((name) => name === subject);
  if (table) return t(`tables.${table}`);
  if (subject === "data" || subject === "database") return t(`alerts.disks.${subject}`);
  return subject;
}

function amount(value: number, unit: AlertUnit, locale: Locale): string {
  if (unit === "ratio") {
    return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(value);
  }
  if (unit === "seconds") return seconds(value, locale);
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }).format(value);
}

function seconds(value: number, locale: Locale): string {
  const [unit, size] =
    value >= 2 * 86_400
      ? (["day", 86_400] as const)
      : value >= 7_200
        ? (["hour", 3_600] as const)
        : value >= 120
          ? (["minute", 60] as const)
          : (["second", 1] as const);
  const text = new Intl.NumberFormat(locale, {
    style: "unit",
    unit,
    unitDisplay: "long",
    maximumFractionDigits: unit === "second" ? 2 : 0,
  }).format(value / size);
  return withCjkSpaces(text);
}
