import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface FrozenProxy {
  readonly port: number;
  /** Accepts connections and discards bytes from now on, like an unresponsive server. */
  freeze(): void;
  /** Forwards everything again. */
  thaw(): void;
  /**
   * Forwards new connections again; those opened during the freeze remain unresponsive, as after a lost firewall state.
   */
  forget(): void;
  /** Closes all connections immediately. */
  cut(): void;
  /** Closes each connection whose client sends `text` from now on; null to stop. */
  cutAt(text: string | null): void;
  /** Freezes once, after a client has sent `text`, which is still forwarded. */
  freezeAt(text: string): void;
  close(): Promise<void>;
}

/** Starts a proxy for a server on the loopback address that can simulate an unresponsive server. */
export async function startFrozenProxy(target: number): Promise<FrozenProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isFrozen = false;
  let cutAt: string | null = null;
  let freezeAt: string | null = null;
  const freeze = () => {
    isFrozen = true;
    freezeAt = null;
    for (const socket of [...pairs].flat()) socket.unpipe().pause();
  };
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    const pair = [client, upstream] as const;
    pairs.add(pair);
    client.on("data", (bytes) => {
      if (cutAt !== null && bytes.includes(cutAt)) for (const socket of pair) socket.destroy();
      if (freezeAt !== null && bytes.includes(freezeAt)) freeze();
    });
    for (const [from, to] of [pair, [upstream, client]] as const) {
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        to.destroy();
        pairs.delete(pair);
      });
      if (isFrozen) from.unpipe().pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of [...pairs].flat()) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    freeze,
    thaw: () => {
      isFrozen = false;
      for (const [client, upstream] of pairs) {
        client.pipe(upstream);
        upstream.pipe(client);
      }
    },
    forget: () => {
      isFrozen = false;
    },
    cut,
    cutAt: (text) => {
      cutAt = text;
    },
    freezeAt: (text) => {
      freezeAt = text;
    },
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
