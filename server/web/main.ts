import { within } from "@/server/lib/within";
import { loadConfig } from "@/server/process/config";
import { provideContext } from "@/server/process/context";
import { createLogger } from "@/server/process/logger";
import { openContext } from "@/server/process/open-context";
import { hasBuild, NO_BUILD } from "@/server/process/programs.mjs";
import { runMain } from "@/server/process/run-main";
import { StartError } from "@/server/process/start-error";
import { aborted, stopSignal } from "@/server/process/stop-signal";
import { ensureFirstAdmin } from "@/server/services/accounts";
import { isReady } from "@/server/services/health";
import { runMonitor } from "@/server/services/leader";
import { prepareCollector } from "./collector-requests";
import { describeSignIn, exposureWarning } from "./describe-sign-in";
import { setFileLength } from "./file-length";
import { listen } from "./http-server";
import { makeProbes } from "./probes";
import { renameProtoParameter } from "./proto-parameter";
import { secure } from "./security-headers";

/** For the rest of a stop, also while PostgreSQL does not respond. */
const CLOSE_MS = 4_000;

/** The web process: pages, tRPC and REST. `--dev` compiles on demand. */
async function main(): Promise<undefined> {
  const stop = stopSignal();
  const dev = process.argv.includes("--dev");
  // React and Next select their builds by it when loaded, so it must be set before the import below.
  Object.assign(process.env, { NODE_ENV: dev ? "development" : "production", NEXT_TELEMETRY_DISABLED: "1" });
  const config = loadConfig();
  const log = createLogger(config, "web");
  if (!dev && !(await hasBuild())) throw new StartError(NO_BUILD);

  const probes = makeProbes();
  const http = await listen(config.port, config.host, {
    trustedProxies: config.trustedProxies,
    connectionsPerAddress: config.limits.connectionsPerAddress,
    answerProbe: probes.answer,
    prepare: (request, response) => {
      prepareCollector(request, response);
      renameProtoParameter(request);
      setFileLength(response);
      secure(request, response, config, dev);
    },
  });
  const opened = await openContext("web", { config, log, signal: stop });
  try {
    provideContext({ ...opened.context, stopping: stop });
    const { default: next } = await import("next");
    const app = next({ dev, dir: process.cwd(), hostname: config.host, port: config.port, httpServer: http.server });
    await app.prepare();
    const signIn = await ensureFirstAdmin(opened.context, opened.whenAvailable);
    const handle = app.getRequestHandler();
    http.handle((request, response) => {
      handle(request, response).catch((error: unknown) => {
        log.error({ err: error }, "A request failed.");
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
    });
    probes.started(() => isReady(opened.context));
    log.info(`Ready on ${config.appUrl}`);
    if (signIn) process.stdout.write(describeSignIn(signIn, config));
    process.stdout.write(exposureWarning(config));
    process.send?.("ready");
    const watch = runMonitor(opened.context, { signal: stop });
    await aborted(stop);
    log.info("Stopping.");
    http.drain();
    await probes.stop();
    const finishMs = config.shutdownSeconds * 1_000;
    await within(Promise.all([http.stop(finishMs), watch]), finishMs + CLOSE_MS);
    await app.close();
  } finally {
    await opened.close();
  }
}

void runMain(main);
