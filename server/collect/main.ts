import { within } from "@/server/lib/within";
import { answerProbe, type Readiness } from "@/server/process/answer-probe";
import { type Config, loadConfig } from "@/server/process/config";
import type { Context } from "@/server/process/context";
import { createLogger } from "@/server/process/logger";
import { openContext } from "@/server/process/open-context";
import { openProbePort } from "@/server/process/probe-port";
import { runMain } from "@/server/process/run-main";
import { StartError } from "@/server/process/start-error";
import { aborted, stopSignal } from "@/server/process/stop-signal";
import { startCollectorHeartbeat } from "@/server/services/queues";
import { openCollector } from "./collector";
import { type CollectState, collectMetricsText } from "./metrics";

const SIGN_OFF_MS = 2_000;
/** A connection to PostgreSQL that never ends must not prevent the exit. */
const CLOSE_MS = 5_000;
/** Ready until messages could not be stored for this long. */
const FAILING_MS = 15_000;

/** Entry point of `npm run collect`: receives syslog over TCP and TLS until it is stopped. */
void runMain(async () => {
  const signal = stopSignal();
  const config = loadConfig();
  if (config.collect.port === undefined && config.collect.tlsPort === undefined) {
    throw new StartError("Set COLLECT_PORT, COLLECT_TLS_PORT or both, on which syslog is received.");
  }
  const log = createLogger(config, "collect");
  let state: (() => CollectState) | undefined;
  const probes = await openProbes(config, log, signal, () => state?.());
  try {
    const { context, close } = await openContext("collect", { config, log, signal });
    try {
      const collector = await openCollector(context);
      state = collector.state;
      const { tcp, tls } = collector.ports();
      const heartbeat = startCollectorHeartbeat(context, tls ?? tcp ?? 0);
      process.send?.("ready");
      await aborted(signal);
      await collector.close();
      // PostgreSQL may be unresponsive. The missing heartbeat then shows that this collector has stopped.
      await within(heartbeat.stop(), SIGN_OFF_MS);
      log.info({ reason: signal.reason }, "collector stopped");
    } finally {
      await within(close(), CLOSE_MS);
    }
  } finally {
    await probes.close();
  }
  return 0;
});

function openProbes(
  { collect }: Config,
  log: Context["log"],
  signal: AbortSignal,
  state: () => CollectState | undefined,
) {
  const readiness = (): Readiness => {
    if (signal.aborted) return "stopping";
    const known = state();
    if (!known) return "starting";
    const areListening = Object.values(known.listeners).every((isUp) => isUp !== false);
    const { failingSince } = known.stream;
    const isFailing = failingSince !== undefined && performance.now() - failingSince > FAILING_MS;
    return areListening && !isFailing ? "ready" : "not_ready";
  };
  const names = { port: "COLLECT_PROBE_PORT", host: "COLLECT_PROBE_HOST" };
  return openProbePort(
    { ...collect.probe, names },
    {
      "/live": (response) => answerProbe(response, "live"),
      "/ready": (response) => answerProbe(response, readiness()),
      "/metrics": async (response) => {
        const { text, contentType } = await collectMetricsText(state());
        response.writeHead(200, { "content-type": contentType }).end(text);
      },
    },
    log,
  );
}
