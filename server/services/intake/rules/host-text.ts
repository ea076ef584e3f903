import ipaddr from "ipaddr.js";
import { parseIp } from "@/server/lib/ip";

/** An address as PostgreSQL writes it; unchanged if it is none. */
export function hostText(text: string): string {
  if (!text.includes(":")) return text;
  const address = parseIp(text);
  if (!(address instanceof ipaddr.IPv6)) return text;
  const { parts } = address;
  const leading = parts.findIndex((part) => part !== 0);
  const isMapped = leading === 5 && parts[5] === 0xffff;
  // Not `::` and `::1`: both would have more than six zeros at the beginning.
  if (isMapped || leading === 6) {
    const [high = 0, low = 0] = parts.slice(6);
    return `::${isMapped ? "ffff:" : ""}${[high >> 8, high & 255, low >> 8, low & 255].join(".")}`;
  }
  return address.toRFC5952String();
}
