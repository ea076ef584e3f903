import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { type IpBlock, isIn, parseIp, unmapped } from "@/server/lib/ip";

/**
 * Returns the client's IP address: the peer's, or behind trusted proxies the last address in X-Forwarded-For that is
 * not a trusted proxy. Addresses claimed by clients are ignored, because they would circumvent limits per address.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: readonly IpBlock[]): string {
  const hops = String(request.headers["x-forwarded-for"] ?? "").split(",");
  let address = peerAddress(request.socket);
  while (isIn(trustedProxies, address)) {
    const before = plainAddress(hops.pop() ?? "");
    if (before === undefined) break;
    address = before;
  }
  return address;
}

/** Returns the peer's IP address in the canonical form of client addresses; empty if it has disconnected. */
export function peerAddress(socket: Socket): string {
  return plainAddress(socket.remoteAddress ?? "") ?? "";
}

/** Removes the port, brackets, and the IPv6 prefix of an IPv4 address. Undefined if the text is not an address. */
function plainAddress(text: string): string | undefined {
  const trimmed = text.trim();
  const bare = /^\[(.*)\](?::\d+)?$/.exec(trimmed)?.[1] ?? /^([\d.]+):\d+$/.exec(trimmed)?.[1] ?? trimmed;
  const parsed = parseIp(bare);
  return parsed && unmapped(parsed).toString();
}
