import { Cluster, Redis, type RedisOptions } from "ioredis";
import { isUnready, redisError } from "./explain-error";

export type RedisClient = Redis | Cluster;

const CONNECT_PATIENCE_MS = 1000;
const RECONNECT_MS = { first: 50, most: 500 };
const RECONNECT_AGAIN_MS = 5_000;
const PROBE = { enableReadyCheck: false, lazyConnect: true, retryStrategy: () => null } satisfies RedisOptions;

/** A client that never sends a command later than its caller believes: nothing is queued while Redis is away. */
export interface RedisConnection {
  /** Runs `command` on the live connection. @throws AppError queue.* at once while Redis is known to be away */
  run<T>(command: (client: RedisClient) => Promise<T>): Promise<T>;
  /** Connects anew, so that Sentinel, or the name, is asked again who the master is; not again within seconds. */
  reconnect(): void;
  close(): Promise<void>;
}

/**
 * Opens (on first use) a connection that comes back by itself.
 * - `redis://[user:password@]host[:port][/db]`, `rediss://` for TLS
 * - `?sentinel=NAME` the host is a Sentinel, NAME the master it watches; further ones as `&node=host:port`
 * - `?cluster=true` the host is a node of a cluster; further ones as `&node=host:port`
 *
 * @param commandTimeout milliseconds after which a command without an answer fails
 */
export function connectRedis(
  url: string,
  { commandTimeout, prepare }: { commandTimeout: number; prepare: (client: RedisClient) => void },
): RedisConnection {
  let reconnectedAt = Number.NEGATIVE_INFINITY;
  const mayReconnect = () => {
    if (performance.now() - reconnectedAt < RECONNECT_AGAIN_MS) return false;
    reconnectedAt = performance.now();
    return true;
  };
  const { client, openProbe } = createClient(url, commandTimeout, mayReconnect);
  prepare(client);
  let failure: Error | undefined;
  let opening: Promise<void> | undefined;
  client.on("error", (error: Error) => {
    failure = error;
  });
  // A server that accepts the connection, and may yet not be ready, is no longer unreachable.
  for (const event of ["connect", "ready"]) {
    client.on(event, () => {
      failure = undefined;
    });
  }

  const ready = async () => {
    if (client.status === "ready") return;
    if (failure && client.status !== "wait") throw failure;
    opening ??= untilReady(client, openProbe, () => failure).finally(() => {
      opening = undefined;
    });
    await opening;
  };
  const run = async <T>(command: (client: RedisClient) => Promise<T>): Promise<T> => {
    await ready();
    try {
      return await command(client);
    } catch (error) {
      // It is being connected anew, and nothing was sent.
      if (!(error instanceof Error) || !error.message.startsWith("Stream isn't writeable")) throw error;
      await untilReady(client, openProbe, () => failure);
      return await command(client);
    }
  };
  return {
    run: async (command) => {
      try {
        return await run(command);
      } catch (error) {
        throw redisError(error);
      }
    },
    reconnect: () => {
      if (mayReconnect()) client.disconnect(true);
    },
    close: async () => {
      client.disconnect();
    },
  };
}

/** A client, and how to open a connection that takes a server as it is, ready or not. */
interface Opening {
  readonly client: RedisClient;
  readonly openProbe: () => Redis;
}

function createClient(url: string, commandTimeout: number, mayReconnect: () => boolean): Opening {
  const { hostname, port, protocol, username, password, pathname, searchParams } = new URL(url);
  const tls = protocol === "rediss:" ? {} : undefined;
  const retryStrategy = (attempt: number) => Math.min(RECONNECT_MS.first * attempt, RECONNECT_MS.most);
  const account = {
    username: decodeURIComponent(username) || undefined,
    password: decodeURIComponent(password) || undefined,
  };
  const shared = {
    ...account,
    tls,
    commandTimeout,
    connectTimeout: CONNECT_PATIENCE_MS,
    // A Redis that loads its data is asked again so soon, however long it expects to take.
    maxLoadingRetryTime: RECONNECT_MS.most,
    // Commands under way fail with the connection: sent again, a push could count twice.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectionName: "batch-console",
    reconnectOnError: (error: Error) => error.message.includes("READONLY") && mayReconnect(),
  } satisfies RedisOptions;
  const host = hostname.replace(/^\[|\]$/g, "") || "127.0.0.1";
  const nodes = (defaultPort: number) => [
    { host, port: Number(port || defaultPort) },
    ...searchParams.getAll("node").map((node) => {
      const [, name = node, number] = /^(.*?)(?::(\d+))?$/.exec(node) ?? [];
      return { host: name, port: Number(number ?? defaultPort) };
    }),
  ];
  if (searchParams.get("cluster") === "true") {
    const client = new Cluster(nodes(6379), {
      lazyConnect: true,
      enableOfflineQueue: false,
      clusterRetryStrategy: retryStrategy,
      redisOptions: shared,
    });
    return { client, openProbe: () => new Redis({ ...shared, ...nodes(6379)[0], ...PROBE }) };
  }
  const db = Number(pathname.slice(1) || 0);
  const single = { ...shared, db, lazyConnect: true, enableOfflineQueue: false, retryStrategy };
  const sentinel = searchParams.get("sentinel");
  const options: RedisOptions = sentinel
    ? { ...single, sentinels: nodes(26379), name: sentinel, enableTLSForSentinelMode: tls !== undefined }
    : { ...single, ...nodes(6379)[0] };
  return { client: new Redis(options), openProbe: () => new Redis({ ...options, ...PROBE }) };
}

/** Why a server that can be reached lets no client become ready; undefined where it is not the server's doing. */
async function findUnreadiness(openProbe: () => Redis): Promise<Error | undefined> {
  const probe = openProbe();
  probe.on("error", () => {});
  try {
    await probe.connect();
    await probe.exists("");
    return undefined;
  } catch (error) {
    return error instanceof Error && isUnready(error) ? error : undefined;
  } finally {
    probe.disconnect();
  }
}

function untilReady(client: RedisClient, openProbe: () => Redis, failure: () => Error | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      clearTimeout(timer);
      client.off("ready", onReady).off("close", onClose);
      if (error) reject(error);
      else resolve();
    };
    const onReady = () => settle();
    // Closed without an error, it is on its way to another connection.
    const onClose = () => {
      const known = failure();
      if (known) settle(known);
    };
    const giveUp = async () => settle(failure() ?? (await findUnreadiness(openProbe)) ?? new Error("no answer"));
    const timer = setTimeout(giveUp, CONNECT_PATIENCE_MS);
    client.on("ready", onReady).on("close", onClose);
    if (client.status === "wait") client.connect().catch(() => {});
    if (client.status === "end") settle(new Error("the connection is closed"));
  });
}
