import { Counter, Gauge, Registry } from "prom-client";
import { processMetrics } from "@/server/process/counts";
import type { StreamState } from "@/server/services/intake";
import { type ConnectionFigures, REFUSALS } from "./connections";
import type { Listeners } from "./listeners";

const PREFIX = "batch_console_collect_";

export interface CollectState {
  readonly listeners: ReturnType<Listeners["state"]>;
  readonly connections: ConnectionFigures;
  readonly stream: StreamState;
}

/** Renders /metrics of a collector: figures of this process. @param state undefined while it starts */
export async function collectMetricsText(state?: CollectState): Promise<{ text: string; contentType: string }> {
  const registry = new Registry();
  const registers = [registry];
  if (state) {
    const gauge = (name: string, help: string, labelNames: string[] = []) =>
      new Gauge({ name: PREFIX + name, help, labelNames, registers });
    const counter = (name: string, help: string, labelNames: string[] = []) =>
      new Counter({ name: PREFIX + name, help, labelNames, registers });
    const { listeners, connections, stream } = state;
    const up = gauge("listener_up", "Whether a listener accepts connections: 1 or 0.", ["listener"]);
    for (const [listener, isUp] of Object.entries(listeners)) {
      if (isUp !== undefined) up.set({ listener }, isUp ? 1 : 0);
    }
    gauge("connections", "Open connections.").set(connections.open);
    counter("connections_total", "Accepted connections.").inc(connections.accepted);
    const refused = counter("refused_connections_total", "Connections that were refused.", ["reason"]);
    for (const reason of REFUSALS) refused.inc({ reason }, connections.refused[reason]);
    counter("incomplete_messages_total", "Messages whose connection ended within them. They are not stored.").inc(
      connections.incomplete,
    );
    counter("received_total", "Complete messages.").inc(stream.received);
    const stored = counter("stored_total", "Messages that were stored, by outcome.", ["outcome"]);
    for (const [outcome, count] of Object.entries(stream.stored)) stored.inc({ outcome }, count);
    gauge("unstored", "Messages that are read, and not stored yet.").set(stream.unstored);
    counter("lost_total", "Messages that were read and could not be stored before the process stopped.").inc(
      stream.lost,
    );
    const failing = stream.failingSince === undefined ? 0 : (performance.now() - stream.failingSince) / 1_000;
    gauge("failing_seconds", "How long messages could not be stored; 0 while they can.").set(failing);
  }
  const whole = Registry.merge([registry, processMetrics()]);
  return { text: await whole.metrics(), contentType: whole.contentType };
}
