import { type ChildProcess, fork } from "node:child_process";
import type { Logger } from "pino";
import type { programs } from "@/server/process/programs.mjs";

/** A child that fails this soon after its first start has a problem that a restart does not fix. */
const START_FAILURE_MS = 10_000;
const MAX_DELAY_MS = 30_000;
const STEADY_MS = 60_000;
/** What the children need in addition to finishing requests. */
const STOP_MARGIN_MS = 12_000;

export interface ChildProgram {
  readonly name: keyof typeof programs;
  readonly onReady?: () => void;
}

interface SuperviseOptions {
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** How long the web process waits for its requests. */
  readonly shutdownSeconds: number;
}

/**
 * Runs programs until `signal` aborts, and restarts those that exit with a delay that grows from 1 to 30 seconds.
 * Children detect the death of this process by their IPC channel.
 * @returns 0 when all have exited after `signal`; 1 if one could not start and the others were stopped
 */
export async function superviseChildren(programs: readonly ChildProgram[], options: SuperviseOptions): Promise<number> {
  const failure = new AbortController();
  const stop = AbortSignal.any([options.signal, failure.signal]);
  await Promise.all(programs.map((program) => runWithRestarts(program, stop, failure, options)));
  return failure.signal.aborted ? 1 : 0;
}

async function runWithRestarts(
  program: ChildProgram,
  stop: AbortSignal,
  failure: AbortController,
  { log, shutdownSeconds }: SuperviseOptions,
): Promise<void> {
  let delay = 1_000;
  for (let isFirst = true; !stop.aborted; isFirst = false) {
    const startedAt = Date.now();
    const end = await runChild(program, stop, shutdownSeconds * 1_000 + STOP_MARGIN_MS);
    if (stop.aborted) return;
    const lived = Date.now() - startedAt;
    if (isFirst && lived < START_FAILURE_MS && end === "exit code 1") {
      failure.abort();
      return;
    }
    if (lived > STEADY_MS) delay = 1_000;
    log.error(`The ${program.name} process ended (${end}); restarting in ${delay / 1000} s.`);
    await interruptibleSleep(delay, stop);
    delay = Math.min(delay * 2, MAX_DELAY_MS);
  }
}

/** Runs a child until it exits. @param stopMs time to stop before it is killed @returns how it exited */
function runChild(program: ChildProgram, stop: AbortSignal, stopMs: number): Promise<string> {
  return new Promise((resolve) => {
    const child: ChildProcess = fork("server/process/run.mjs", [program.name], { execArgv: [], stdio: "inherit" });
    let killer: NodeJS.Timeout | undefined;
    const onStop = () => {
      child.kill("SIGTERM");
      killer = setTimeout(() => child.kill("SIGKILL"), stopMs);
    };
    const finish = (end: string) => {
      clearTimeout(killer);
      stop.removeEventListener("abort", onStop);
      resolve(end);
    };
    stop.addEventListener("abort", onStop);
    child.on("message", (message) => {
      if (message === "ready") program.onReady?.();
    });
    child.once("error", (error) => finish(error.message));
    child.once("exit", (code, signal) => finish(signal ?? `exit code ${code}`));
  });
}

function interruptibleSleep(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stop.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stop.addEventListener("abort", done);
  });
}
