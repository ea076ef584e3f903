import { type LookupAddress, lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { AppError } from "@/server/lib/errors";
import { ipBlock, isIn, parseIp } from "@/server/lib/ip";

/** Addresses that are not public: RFC 6890's special-purpose blocks, and their representations in IPv6. */
const SPECIAL = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  // Azure's platform services, at an otherwise public address.
  "168.63.129.16/32",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
  "::/96",
  "::ffff:0:0/96",
  "::ffff:0:0:0/96",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "100::/64",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
  "5f00::/16",
  "fc00::/7",
  "fe80::/9",
  "ff00::/8",
].map(ipBlock);

/** Returns whether `address` is publicly routable. */
export function isPublicAddress(address: string): boolean {
  return parseIp(address) !== undefined && !address.includes("%") && !isIn(SPECIAL, address);
}

export function privateAddress(host: string): AppError {
  return new AppError("webhook.private_address", { host });
}

/** Returns the host of `url` if it is an IP address, without the brackets of IPv6. */
export function literalHost(url: URL): string | null {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return parseIp(host) ? host : null;
}

/**
 * Resolves names for the connection itself, so that a name cannot change its address between check and use. One private
 * address among the results is enough to refuse.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return callback(error, "");
    const [first] = addresses;
    if (!first || addresses.some(({ address }) => !isPublicAddress(address))) {
      return callback(privateAddress(hostname), "");
    }
    if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
