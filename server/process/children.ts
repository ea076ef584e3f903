import { type ChildProcess, fork } from "node:child_process";
import type { Logger } from "pino";
import type { programs } from "@/server/process/programs.mjs";

/** A child that fails this soon after its first start has a reason that a restart does not mend. */
const START_FAILURE_MS = 10_000;
const LONGEST_PAUSE_MS = 30_000;
const STEADY_MS = 60_000;
/** Longer than the children take to finish what they are at. */
const STOP_PATIENCE_MS = 20_000;

export interface ChildProgram {
  readonly name: keyof typeof programs;
  readonly onReady?: () => void;
}

/**
 * Runs programs until `signal` aborts; one that ends on its own is started again after a pause that
 * grows from 1 to 30 seconds. They notice by their IPC channel when this process is killed.
 * @returns 0 once all have ended after `signal`; 1 when one could not start and the others were ended
 */
export async function superviseChildren(
  programs: readonly ChildProgram[],
  options: { signal: AbortSignal; log: Logger },
): Promise<number> {
  const failure = new AbortController();
  const stop = AbortSignal.any([options.signal, failure.signal]);
  await Promise.all(programs.map((program) => keepRunning(program, stop, failure, options.log)));
  return failure.signal.aborted ? 1 : 0;
}

async function keepRunning(
  program: ChildProgram,
  stop: AbortSignal,
  failure: AbortController,
  log: Logger,
): Promise<void> {
  let pause = 1_000;
  for (let isFirst = true; !stop.aborted; isFirst = false) {
    const startedAt = Date.now();
    const end = await runChild(program, stop);
    if (stop.aborted) return;
    const lived = Date.now() - startedAt;
    if (isFirst && lived < START_FAILURE_MS && end === "exit code 1") {
      failure.abort();
      return;
    }
    if (lived > STEADY_MS) pause = 1_000;
    log.error(`The ${program.name} process ended (${end}); it starts again in ${pause / 1000} s.`);
    await interruptibleSleep(pause, stop);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

/** Runs a child to its end. @returns how it ended */
function runChild(program: ChildProgram, stop: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const child: ChildProcess = fork("server/process/run.mjs", [program.name], { execArgv: [], stdio: "inherit" });
    let killer: NodeJS.Timeout | undefined;
    const onStop = () => {
      child.kill("SIGTERM");
      killer = setTimeout(() => child.kill("SIGKILL"), STOP_PATIENCE_MS);
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
