import { isIP } from "node:net";

export const HIDDEN = "***";

/**
 * Masks an address to its network, which identifies a provider and a region but no person; any other text is hidden.
 */
export function maskAddress(address: string): string {
  const version = isIP(address);
  if (version === 4 || (version === 6 && address.includes("."))) return address.replace(/\d+$/, HIDDEN);
  return version === 6 ? `${site(address)}:${HIDDEN}` : HIDDEN;
}

/** The first 48 bits of an IPv6 address. Providers assign longer prefixes to single customers. */
function site(address: string): string {
  const [before = "", after] = address.split("::");
  const groups = before === "" ? [] : before.split(":");
  return (after === undefined ? groups : [...groups, "0", "0", "0"]).slice(0, 3).join(":");
}

/** Four or more numbers with dots, or with dashes as in host names. */
const IPV4 = [/(?<!\d)\d{1,3}(?:\.\d{1,3}){3,}(?!\d)/g, /(?<!\d)\d{1,3}(?:-\d{1,3}){3,}(?!\d)/g];
const IPV6 = /(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{1,4})?(?![\w:])/gi;

/** Masks every address in a text, including addresses that are escaped as in a URL. */
export function maskAddresses(text: string): string {
  const plain = text.replace(/%3a/gi, ":").replace(/%2e/gi, ".");
  let masked = plain.replace(IPV6, (found) => (isIP(found) === 6 ? maskAddress(found) : found));
  for (const pattern of IPV4) masked = masked.replace(pattern, maskNumbers);
  return masked === plain ? text : masked;
}

/** With more than four numbers, any four of them could be the address. */
function maskNumbers(run: string): string {
  const numbers = run.split(/(?=[.-])/);
  return [...numbers.slice(0, numbers.length === 4 ? 3 : 2), run.includes(".") ? `.${HIDDEN}` : `-${HIDDEN}`].join("");
}
