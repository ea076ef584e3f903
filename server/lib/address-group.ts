import { isIP } from "node:net";

/**
 * Returns the group of an IP address for rate limits: an IPv4 address, or the /64 network of an IPv6 address, all of
 * which a single host can use.
 */
export function addressGroup(address: string): string {
  const [plain = ""] = address.split("%");
  if (isIP(plain) !== 6) return plain;
  const canonical = new URL(`http://[${plain}]/`).hostname.slice(1, -1);
  // An IPv4 address in IPv6 notation.
  if (canonical.startsWith("::ffff:")) return canonical;
  const [before = "", after] = canonical.split("::");
  const groups = before === "" ? [] : before.split(":");
  const rest = after ? after.split(":") : [];
  const zeros = after === undefined ? 0 : 8 - groups.length - rest.length;
  const all = [...groups, ...Array<string>(zeros).fill("0"), ...rest];
  return `${all.slice(0, 4).join(":")}::/64`;
}
