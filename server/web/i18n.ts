import { cookies, headers } from "next/headers";
import { getRequestConfig } from "next-intl/server";
import { compileMessages } from "@/messages/compile";
import en from "@/messages/en.json" with { type: "json" };
import { LOCALE_COOKIE, type Locale, pickLocale } from "@/messages/locales";
import zhCN from "@/messages/zh-CN.json" with { type: "json" };
import type { BrowsedColumnName, BrowsedTableName } from "@/server/catalog";
import { getContext } from "@/server/process/context";
import type { AuditAction } from "@/server/services/audit";

type Messages = typeof en;

type Group = AuditAction extends infer Action ? (Action extends `${infer Name}.${string}` ? Name : never) : never;

/** The label of each action by group: that of `user.disable` is in `user`, `disable`. */
type ActionWords = {
  [Name in Group]: {
    [Action in AuditAction as Action extends `${Name}.${infer Verb}` ? Verb : never]: string;
  };
};

/** A language without a message, or without the name of a table, column or audited action, does not compile. */
const messages: Record<
  Locale,
  Messages & {
    tables: Record<BrowsedTableName, string>;
    columns: Record<BrowsedColumnName, string>;
    codes: { audit_action: ActionWords };
  }
> = { en: compileMessages(en), "zh-CN": compileMessages(zhCN) };

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
