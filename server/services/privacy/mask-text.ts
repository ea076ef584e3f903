import { parseIp, unmapped } from "@/server/lib/ip";

export const HIDDEN = "***";

/** The first 48 bits of an IPv6 address. Providers assign longer prefixes to single customers. */
const SITE_GROUPS = 3;

/**
 * Masks an address to its network, which identifies a provider and a region but no person; any other text is hidden.
 */
export function maskAddress(address: string): string {
  const parsed = parseIp(address);
  if (!parsed) return HIDDEN;
  const plain = unmapped(parsed);
  const notation = plain === parsed ? "" : "::ffff:";
  if (plain.kind() === "ipv4") return notation + plain.toString().replace(/\d+$/, HIDDEN);
  return `${parsed.toNormalizedString().split(":").slice(0, SITE_GROUPS).join(":")}:${HIDDEN}`;
}

/** Four or more numbers with dots, or with dashes as in host names. */
const IPV4 = [/(?<!\d)\d{1,3}(?:\.\d{1,3}){3,}(?!\d)/g, /(?<!\d)\d{1,3}(?:-\d{1,3}){3,}(?!\d)/g];
const IPV6 = /(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{1,4})?(?![\w:])/gi;

/** Masks every address in a text, including addresses that are escaped as in a URL. */
export function maskAddresses(text: string): string {
  const plain = text.replace(/%3a/gi, ":").replace(/%2e/gi, ".");
  let masked = plain.replace(IPV6, (found) => (parseIp(found) ? maskAddress(found) : found));
  for (const pattern of IPV4) masked = masked.replace(pattern, maskNumbers);
  return masked === plain ? text : masked;
}

/** With more than four numbers, any four of them could be the address. */
function maskNumbers(run: string): string {
  const numbers = run.split(/(?=[.-])/);
  return [...numbers.slice(0, numbers.length === 4 ? 3 : 2), run.includes(".") ? `.${HIDDEN}` : `-${HIDDEN}`].join("");
}
