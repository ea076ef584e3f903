import { Cluster, Redis, type RedisOptions } from "ioredis";
import { isNoDatabase, isUnready, redisError } from "./explain-error";

export type RedisClient = Redis | Cluster;

const CONNECT_TIMEOUT_MS = 1000;
/** A connection with a response due that receives nothing for this long is replaced: its peer may be gone. */
const SILENCE_MS = 4_000;
const RECONNECT_MS = { first: 50, max: 500 };
const RECONNECT_AGAIN_MS = 5_000;
const PROBE = { enableReadyCheck: false, lazyConnect: true, retryStrategy: () => null } satisfies RedisOptions;

/** A connection without an offline queue: commands fail immediately while Redis is unreachable. */
export interface RedisConnection {
  /** Runs `command` on the connection. @throws AppError queue.* immediately while Redis is unreachable */
  run<T>(command: (client: RedisClient) => Promise<T>): Promise<T>;
  /** Reconnects, which makes Sentinel or DNS resolve the current master again; at most once every few seconds. */
  reconnect(): void;
  close(): Promise<void>;
}

/**
 * Creates a connection that opens on first use and reconnects automatically.
 * - `redis://[user:password@]host[:port][/db]`, `rediss://` for TLS
 * - `?sentinel=NAME` the host is a Sentinel that monitors the master NAME; more as `&node=host:port`
 * - `?cluster=true` the host is a cluster node; more as `&node=host:port`
 *
 * @param commandTimeout milliseconds after which a command without a response fails
 */
export function connectRedis(
  url: string,
  { commandTimeout, prepare }: { commandTimeout: number; prepare: (client: RedisClient) => void },
): RedisConnection {
  let reconnectedAt = Number.NEGATIVE_INFINITY;
  const isReconnectDue = () => {
    if (performance.now() - reconnectedAt < RECONNECT_AGAIN_MS) return false;
    reconnectedAt = performance.now();
    return true;
  };
  const { client, openProbe } = createClient(url, commandTimeout, isReconnectDue);
  prepare(client);
  let failure: Error | undefined;
  let opening: Promise<void> | undefined;
  // ioredis would otherwise continue in database 0.
  let noDatabase: Error | undefined;
  client.on("error", (error: Error) => {
    failure = error;
    if (isNoDatabase(error)) noDatabase = error;
  });
  client.on("connect", () => {
    noDatabase = undefined;
  });
  // A server that accepts connections is reachable, even if it is not ready yet.
  for (const event of ["connect", "ready"]) {
    client.on(event, () => {
      failure = undefined;
    });
  }

  const ready = async () => {
    if (noDatabase) throw noDatabase;
    if (client.status === "ready") return;
    if (failure && client.status !== "wait") throw failure;
    opening ??= untilReady(client, openProbe, () => failure).finally(() => {
      opening = undefined;
    });
    await opening;
    if (noDatabase) throw noDatabase;
  };
  const run = async <T>(command: (client: RedisClient) => Promise<T>): Promise<T> => {
    await ready();
    try {
      return await command(client);
    } catch (error) {
      // Nothing was sent: the connection is being reestablished.
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
      if (isReconnectDue()) client.disconnect(true);
    },
    close: async () => {
      client.disconnect();
    },
  };
}

/** Creates the client, and a probe connection that opens regardless of the server's readiness. */
interface Opening {
  readonly client: RedisClient;
  readonly openProbe: () => Redis;
}

function createClient(url: string, commandTimeout: number, isReconnectDue: () => boolean): Opening {
  const { hostname, port, protocol, username, password, pathname, searchParams } = new URL(url);
  const tls = protocol === "rediss:" ? {} : undefined;
  const retryStrategy = (attempt: number) => Math.min(RECONNECT_MS.first * attempt, RECONNECT_MS.max);
  const account = {
    username: decodeURIComponent(username) || undefined,
    password: decodeURIComponent(password) || undefined,
  };
  const shared = {
    ...account,
    tls,
    commandTimeout,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_MS,
    sentinelCommandTimeout: CONNECT_TIMEOUT_MS,
    // Limits the retry delay while Redis loads its data, regardless of the time it estimates.
    maxLoadingRetryTime: RECONNECT_MS.max,
    // Commands in progress fail with the connection, because repeating a push could duplicate events.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectionName: "batch-console",
    reconnectOnError: (error: Error) => error.message.includes("READONLY") && isReconnectDue(),
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

/** Returns why a reachable server is not ready; undefined if the server is not the cause. */
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
    // A close without an error means that the client connects to another node.
    const onClose = () => {
      const known = failure();
      if (known) settle(known);
    };
    const onTimeout = async () => settle(failure() ?? (await findUnreadiness(openProbe)) ?? new Error("no response"));
    const timer = setTimeout(onTimeout, CONNECT_TIMEOUT_MS);
    client.on("ready", onReady).on("close", onClose);
    if (client.status === "wait") client.connect().catch(() => {});
    if (client.status === "end") settle(new Error("the connection is closed"));
  });
}
