/** What is known of the place of an address, as the database spells it. */
export interface Place {
  readonly country: string | null;
  readonly region: string | null;
  readonly city: string | null;
  /** The company that provides the connection. */
  readonly provider: string | null;
  /** `extra` of an event without other members, with the provider. */
  readonly extra: string | null;
}

/** The maximum length of the columns. */
const MAX_LENGTH = 100;
const COUNTRY_CODE = /^[A-Z]{2}$/;
/** Values without a meaning, and those of addresses without a place. */
const NONE = new Set(["", "0", "Reserved", "保留", "保留地址", "内网IP", "局域网"]);

/**
 * Parses the text of a region, `country|region|city|provider|country code`. Databases until 2025 have
 * `country|area|region|city|provider`, where the area is almost always 0.
 * @returns undefined if nothing is known
 */
export function parseRegion(text: string): Place | undefined {
  const parts = text.split("|");
  const [, second, , , fifth] = parts;
  const hasArea =
    parts.length === 5 && fifth !== undefined && !COUNTRY_CODE.test(fifth) && (fifth !== "0" || second === "0");
  const [country = null, region = null, city = null, provider = null] = (
    hasArea ? [parts[0], ...parts.slice(2)] : parts
  ).map(knownValue);
  // A provider alone can be that of a reserved block.
  if (country === null) return undefined;
  return { country, region, city, provider, extra: provider && JSON.stringify({ provider }) };
}

function knownValue(part: string | undefined): string | null {
  const text = part?.trim() ?? "";
  // PostgreSQL rejects NUL, and others cannot be displayed.
  if (NONE.has(text) || /\p{Cc}/u.test(text)) return null;
  return [...text].slice(0, MAX_LENGTH).join("");
}
