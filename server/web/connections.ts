import type { BlockList, Server, Socket } from "node:net";
import { addressGroup } from "@/server/lib/address-group";
import { isIn, peerAddress } from "./client-address";

/** Of all addresses together: below what a process may open by default on the systems we know. */
const MAX_CONNECTIONS = 8_000;

/**
 * Closes connections that are more than one address (an IPv6 /64) may hold, so that one client cannot take them all.
 * @param perAddress 0 for any number
 * @param trustedProxies theirs are of many clients, and not counted
 */
export function limitConnections(server: Server, perAddress: number, trustedProxies: BlockList): void {
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
