import type { IncomingMessage } from "node:http";
import { type BlockList, isIP, type Socket } from "node:net";

/**
 * Returns the client's IP address: the peer's, or behind trusted proxies the last address in X-Forwarded-For that is
 * not a trusted proxy. Addresses claimed by clients are ignored, because they would circumvent limits per address.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: BlockList): string {
  const hops = String(request.headers["x-forwarded-for"] ?? "").split(",");
  let address = peerAddress(request.socket);
  while (isIn(trustedProxies, address)) {
    const before = plainAddress(hops.pop() ?? "");
    if (isIP(before) === 0) break;
    address = before;
  }
  return address;
}

/** Returns whether a peer is in `list`. */
export function isIn(list: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 4 ? "ipv4" : "ipv6");
}

/** Returns the peer's IP address in the canonical form of client addresses. */
export function peerAddress(socket: Socket): string {
  return plainAddress(socket.remoteAddress ?? "");
}

/** Removes the port, brackets, and the IPv6 prefix of an IPv4 address. */
function plainAddress(text: string): string {
  const trimmed = text.trim();
  const bare = /^\[(.*)\](?::\d+)?$/.exec(trimmed)?.[1] ?? /^([\d.]+):\d+$/.exec(trimmed)?.[1] ?? trimmed;
  return bare.replace(/^::ffff:(?=\d+\.)/i, "");
}
