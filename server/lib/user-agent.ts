import QuickLRU from "quick-lru";
import { UAParser } from "ua-parser-js";
import { BOT_PATTERN } from "@/server/catalog/derived-fields";

export interface UserAgentParts {
  readonly device_type: string | null;
  readonly browser: string | null;
  readonly os: string | null;
}

/** Parsing takes 20 to 50 µs, and a day's traffic contains few distinct strings. */
const cache = new QuickLRU<string, UserAgentParts>({ maxSize: 10_000 });
const MAX_LENGTH = 1_000;

const BOT = new RegExp(BOT_PATTERN);

/**
 * Parses the browser and operating system with major versions, and the device type: desktop, mobile, tablet, …, or bot.
 */
export function parseUserAgent(text: string): UserAgentParts {
  const cached = cache.get(text);
  if (cached) return cached;
  const shortened = text.slice(0, MAX_LENGTH);
  const { browser, os, device } = UAParser(shortened);
  const parts = {
    device_type: BOT.test(shortened.toLowerCase()) ? "bot" : (device.type ?? (os.name ? "desktop" : null)),
    browser: browser.name ? [browser.name, browser.major].filter(Boolean).join(" ").slice(0, 100) : null,
    os: os.name ? [os.name, os.version].filter(Boolean).join(" ").slice(0, 100) : null,
  };
  if (text.length <= MAX_LENGTH) cache.set(text, parts);
  return parts;
}
