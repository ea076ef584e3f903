import type { IncomingMessage } from "node:http";
import { type BlockList, isIP, type Socket } from "node:net";

/**
 * The address that a request comes from: the peer's, or behind trusted proxies the last one in
 * X-Forwarded-For that is not theirs. What others claim is not believed: limits by address would be
 * worth nothing.
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

/** Whether a peer is one of `list`. */
export function isIn(list: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 4 ? "ipv4" : "ipv6");
}

/** The peer's address, as client addresses are written. */
export function peerAddress(socket: Socket): string {
  return plainAddress(socket.remoteAddress ?? "");
}

/** Without a port, brackets, and the prefix of an IPv4 address in IPv6. */
function plainAddress(text: string): string {
  const trimmed = text.trim();
  const bare = /^\[(.*)\](?::\d+)?$/.exec(trimmed)?.[1] ?? /^([\d.]+):\d+$/.exec(trimmed)?.[1] ?? trimmed;
  return bare.replace(/^::ffff:(?=\d+\.)/i, "");
}
