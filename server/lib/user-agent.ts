import QuickLRU from "quick-lru";
import { UAParser } from "ua-parser-js";
import { BOT_DEVICE, BOT_MARK, BOT_PATTERN } from "@/server/catalog/derived-fields";
import botNames from "./bot-names.json";

export interface UserAgentParts {
  readonly device_type: string | null;
  readonly browser: string | null;
  readonly os: string | null;
}

/** Parsing takes 20 to 50 µs, and a day's traffic contains few distinct strings. */
const cache = new QuickLRU<string, UserAgentParts>({ maxSize: 10_000 });
const MAX_LENGTH = 1_000;

const BOT = new RegExp(BOT_PATTERN);
/** Patterns of crawler-user-agents that the general ones do not find; a test writes the file. */
const BOT_NAME = new RegExp(botNames.join("|"));

/** Whether a user agent is that of a program or crawler: as the field `is_bot`, or by its name. */
export function isBot(userAgent: string): boolean {
  return hasBotText(userAgent) || BOT_NAME.test(userAgent);
}

/** The part of the definition that databases can apply quickly to each row. */
export function hasBotText(userAgent: string): boolean {
  return userAgent.includes(BOT_MARK) || BOT.test(userAgent.toLowerCase());
}

/**
 * Parses the browser and operating system with major versions, and the device type: desktop, mobile, tablet, …, or bot.
 */
export function parseUserAgent(text: string): UserAgentParts {
  const cached = cache.get(text);
  if (cached) return cached;
  const shortened = text.slice(0, MAX_LENGTH);
  const { browser, os, device } = UAParser(shortened);
  const parts = {
    device_type: isBot(shortened) ? BOT_DEVICE : (device.type ?? (os.name ? "desktop" : null)),
    browser: browser.name ? [browser.name, browser.major].filter(Boolean).join(" ").slice(0, 100) : null,
    os: os.name ? [os.name, os.version].filter(Boolean).join(" ").slice(0, 100) : null,
  };
  if (text.length <= MAX_LENGTH) cache.set(text, parts);
  return parts;
}
