import { type Locale, pickLocale } from "@/messages/locales";

/** The language that a request asks for by Accept-Language; English where it asks for none that we have. */
export function localeOf(request: Request): Locale {
  return pickLocale(undefined, request.headers.get("accept-language"));
}
