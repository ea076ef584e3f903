import type { Logger } from "pino";
import { superviseChildren } from "@/server/process/children";
import { type Config, loadConfig } from "@/server/process/config";
import { createLogger } from "@/server/process/logger";
import { type OpenContext, openContext } from "@/server/process/open-context";
import { hasBuild } from "@/server/process/programs.mjs";
import { runMain } from "@/server/process/run-main";
import { stopSignal } from "@/server/process/stop-signal";
import { ensureFirstAdmin } from "@/server/services/accounts";
import { describeSignIn } from "@/server/web/describe-sign-in";
import { listen } from "@/server/web/http-server";
import { build } from "./build";
import { fillLastDay } from "./fill";
import { runLiveFlow } from "./live";

const started = performance.now();

function print(text: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(5);
  process.stdout.write(`[${seconds} s] ${text}\n`);
}

/** Entry point of `npm run demo`: runs the whole product with a day of traffic and live events, until Ctrl-C. */
async function main(): Promise<number> {
  const signal = stopSignal();
  const config = loadConfig();
  const log = createLogger({ logLevel: config.logLevel === "info" ? "warn" : config.logLevel }, "demo");
  await checkPort(config);

  const failed = new AbortController();
  const cancel = AbortSignal.any([signal, failed.signal]);
  const building = ensureBuild(cancel);
  // The failure is handled below. Here it cancels the parallel work.
  building.catch(() => failed.abort());
  try {
    const opened = await openDatabase(config, log);
    try {
      const signIn = await prepareData(opened, cancel);
      await building;
      if (signal.aborted) return 0;
      return await serve(opened, signIn, signal);
    } finally {
      await opened.close();
      print("Stopped. The data remains for the next `npm run demo`.");
    }
  } catch (error) {
    failed.abort();
    await building.catch(() => {});
    if (signal.aborted) return 0;
    throw error;
  }
}

/** Fails early if the port is in use. @throws StartError */
async function checkPort(config: Config): Promise<void> {
  const { stop } = await listen(config.port, config.host);
  await stop(0);
}

async function ensureBuild(signal: AbortSignal): Promise<void> {
  if (await hasBuild()) return print("Using the existing build. After an update, run `npm run build` first.");
  print("Building the interface. This takes about half a minute …");
  await build(signal);
  print("The interface is built.");
}

async function openDatabase(config: Config, log: Logger): Promise<OpenContext> {
  print(config.databaseUrl ? "Connecting to DATABASE_URL …" : `Starting PostgreSQL in ${config.dataDir} …`);
  const opened = await openContext("cli", { config, log });
  print("PostgreSQL is ready, and its schema is up to date.");
  return opened;
}

async function prepareData({ context }: OpenContext, signal: AbortSignal) {
  const signIn = await ensureFirstAdmin(context);
  // Printed now and again at the end, because a failure in between would lose the only copy.
  if (signIn) process.stdout.write(describeSignIn(signIn, context.config));
  print("Adding the traffic of the last 24 hours …");
  const filled = await fillLastDay(context, new Date(), signal);
  const added = `${format(filled.access_logs)} requests and ${format(filled.user_activities)} activities`;
  print(filled.isFirst ? `Added ${added}.` : `Found the data of an earlier start. Added ${added} since then.`);
  return signIn;
}

async function serve(
  { context }: OpenContext,
  signIn: { email: string; password: string } | null,
  signal: AbortSignal,
): Promise<number> {
  const { config, log } = context;
  const ended = new AbortController();
  let live: Promise<void> | undefined;
  const onReady = () => {
    print("Ready. New events arrive every second. Ctrl-C stops everything.");
    process.stdout.write(`\n  Open ${config.appUrl}\n`);
    process.stdout.write(signIn ? describeSignIn(signIn, config) : describeKnownUser(config));
    live ??= runLiveFlow(context, AbortSignal.any([signal, ended.signal]));
  };
  try {
    return await superviseChildren([{ name: "web", onReady }, { name: "worker" }], {
      signal,
      log,
      shutdownSeconds: config.shutdownSeconds,
    });
  } finally {
    ended.abort();
    await live;
  }
}

function describeKnownUser(config: Config): string {
  return `\n  Sign in with the password that the first start printed. If it is lost, create another administrator:
    npm run -s cli -- user create --email you@example.com --role admin
  or delete ${config.dataDir} to start over.\n\n`;
}

const format = (count: number) => count.toLocaleString("en");

void runMain(main);
