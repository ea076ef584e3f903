import { cookies, headers } from "next/headers";
import { getRequestConfig } from "next-intl/server";
import en from "@/messages/en.json";
import { LOCALE_COOKIE, type Locale, pickLocale } from "@/messages/locales";
import zhCN from "@/messages/zh-CN.json";
import type { BrowsedColumnName, BrowsedTableName } from "@/server/catalog";
import { getContext } from "@/server/context";

type Messages = typeof en;

/** A language that lacks a message, or a table without names for itself and its columns, does not compile. */
const messages: Record<
  Locale,
  Messages & { tables: Record<BrowsedTableName, string>; columns: Record<BrowsedColumnName, string> }
> = { en, "zh-CN": zhCN };

declare module "next-intl" {
  interface AppConfig {
    Locale: Locale;
    Messages: Messages;
  }
}

export default getRequestConfig(async () => {
  const [cookieJar, requestHeaders] = await Promise.all([cookies(), headers()]);
  const locale = pickLocale(cookieJar.get(LOCALE_COOKIE)?.value, requestHeaders.get("accept-language"));
  return { locale, messages: messages[locale], timeZone: getContext().config.timeZone };
});
