import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;
/** A CIDR block: an address and the length of the prefix. */
export type IpBlock = [IpAddress, number];

/**
 * Parses an IP address that Node.js accepts; an IPv6 zone (`%eth0`) is ignored. Undefined for other text, such as `127.1`
 * or `010.0.0.1`, which ipaddr.js alone would accept and programs read differently.
 */
export function parseIp(text: string): IpAddress | undefined {
  return isIP(text) === 0 ? undefined : ipaddr.parse(text.replace(/%.*$/, ""));
}

/** Parses a CIDR block (`10.0.0.0/8`) or a single address. */
export function parseIpBlock(text: string): IpBlock | undefined {
  const [head = "", bits] = text.split("/");
  const address = parseIp(head);
  if (!address || bits === undefined) return address && [address, address.kind() === "ipv4" ? 32 : 128];
  return ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : undefined;
}

/** Like parseIpBlock, for constants. @throws Error for text that is not a block */
export function ipBlock(text: string): IpBlock {
  return ipaddr.parseCIDR(text);
}

/** Returns an IPv4 address in IPv6 notation (`::ffff:192.0.2.1`) as IPv4, and other addresses unchanged. */
export function unmapped(address: IpAddress): IpAddress {
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

/** Returns whether an address is in one of the blocks, as written or as IPv4. False for other text. */
export function isIn(blocks: readonly IpBlock[], text: string): boolean {
  const address = parseIp(text);
  if (!address) return false;
  const list = { blocks: [...blocks] };
  return [address, unmapped(address)].some((form) => ipaddr.subnetMatch(form, list, "none") === "blocks");
}

/**
 * Returns the group of an IP address for rate limits: an IPv4 address, or the /64 network of an IPv6 address, all of
 * which a single host can use. Other text is returned unchanged.
 */
export function addressGroup(text: string): string {
  const parsed = parseIp(text);
  const address = parsed && unmapped(parsed);
  if (!(address instanceof ipaddr.IPv6)) return address?.toString() ?? text;
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/64`)}/64`;
}
