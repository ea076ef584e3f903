import { logTables } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { openSyslogStream } from "@/server/services/intake";
import { resolveMapping } from "@/server/services/mappings";
import { makeConnections } from "./connections";
import { type Listeners, openListeners } from "./listeners";
import type { CollectState } from "./metrics";

const STOP_STORING_MS = 5_000;

export interface Collector {
  state(): CollectState;
  readonly ports: Listeners["ports"];
  /** Accepts nothing more, and stores what was read. */
  close(): Promise<void>;
}

/**
 * Receives syslog on the configured ports.
 * @throws StartError if a port or certificate cannot be used, AppError for an unknown mapping
 */
export async function openCollector(context: Context): Promise<Collector> {
  const { log, config } = context;
  const stream = openSyslogStream(context, { table: config.collect.table, mapping: await mappingOf(context) });
  // Reads the key of identities, so that later connections do not need PostgreSQL.
  await stream.openSender("");
  const limits = { ...config.collect, perAddress: config.limits.connectionsPerAddress };
  const connections = makeConnections(stream, limits, log);
  const listeners = await openListeners(config.collect, connections.accept, log);
  return {
    state: () => ({ listeners: listeners.state(), connections: connections.figures(), stream: stream.state() }),
    ports: listeners.ports,
    close: async () => {
      listeners.close();
      await connections.close(AbortSignal.timeout(config.shutdownSeconds * 1_000));
      const lost = await stream.close(AbortSignal.timeout(STOP_STORING_MS));
      if (lost > 0) log.error({ events: lost }, "messages could not be stored before the stop, and are lost");
    },
  };
}

/** @throws AppError for an unknown mapping */
async function mappingOf(context: Context): Promise<string | undefined> {
  const { map, table } = context.config.collect;
  if (map === undefined) return undefined;
  const target = table === "auto" ? logTables.access_logs.name : table;
  return (await resolveMapping(context, map, target)).expression;
}
