import { type Locale, pickLocale } from "@/messages/locales";

/** Returns the supported language that the request prefers (Accept-Language), or English. */
export function localeOf(request: Request): Locale {
  return pickLocale(undefined, request.headers.get("accept-language"));
}
