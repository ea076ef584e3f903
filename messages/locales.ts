/** The languages of the interface. The first one is used if the browser prefers none of them. */
export const LOCALES = ["en", "zh-CN"] as const;

export type Locale = (typeof LOCALES)[number];

export const LOCALE_COOKIE = "locale";

/** The name of each language in that language. */
export const LOCALE_NAMES = { en: "English", "zh-CN": "简体中文" } as const satisfies Record<Locale, string>;

function isLocale(value: string | undefined): value is Locale {
  return LOCALES.some((locale) => locale === value);
}

/**
 * Returns the language that the user chose, or else the one that the browser prefers most.
 * @param chosen the cookie's value
 * @param acceptLanguage the header's value, such as `zh-TW,zh;q=0.9,en;q=0.8`
 */
export function pickLocale(chosen: string | undefined, acceptLanguage: string | null): Locale {
  if (isLocale(chosen)) return chosen;
  const preferences = (acceptLanguage ?? "")
    .split(",")
    .map((part) => {
      const [tag = "", ...parameters] = part.trim().toLowerCase().split(";");
      const quality = parameters.map((p) => /^\s*q=([\d.]+)\s*$/.exec(p)?.[1]).find((q) => q !== undefined);
      return { language: tag.split("-")[0], quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter((preference) => preference.quality > 0)
    .sort((a, b) => b.quality - a.quality);
  for (const { language } of preferences) {
    const match = LOCALES.find((locale) => locale.split("-")[0] === language);
    if (match) return match;
  }
  return LOCALES[0];
}
