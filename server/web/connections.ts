import type { Server, Socket } from "node:net";
import { addressGroup, type IpBlock, isIn } from "@/server/lib/ip";
import { peerAddress } from "./client-address";

/** Total number of connections, below the usual limit of open files. */
const MAX_CONNECTIONS = 8_000;

/**
 * Limits the number of connections per IP address (per /64 in IPv6), so that one client cannot use all of them.
 * @param perAddress 0 for no limit
 * @param trustedProxies their connections serve many clients and are not counted
 */
export function limitConnections(server: Server, perAddress: number, trustedProxies: readonly IpBlock[]): void {
  server.maxConnections = MAX_CONNECTIONS;
  if (perAddress === 0) return;
  const counts = new Map<string, number>();
  server.on("connection", (socket: Socket) => {
    const address = peerAddress(socket);
    if (isIn(trustedProxies, address)) return;
    const group = addressGroup(address);
    const count = (counts.get(group) ?? 0) + 1;
    if (count > perAddress) {
      socket.destroy();
      return;
    }
    counts.set(group, count);
    socket.once("close", () => {
      const left = (counts.get(group) ?? 1) - 1;
      if (left > 0) counts.set(group, left);
      else counts.delete(group);
    });
  });
}
