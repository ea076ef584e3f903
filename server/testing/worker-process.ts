import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { programEnvironment } from "./program-environment";
import { wrongClock } from "./wrong-clock";

export interface WorkerProcess {
  /** Ends it. @returns its exit code, or the signal's name when that is what ended it */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<number | string | null>;
  /** Freezes it in the middle of what it does, as SIGSTOP or a paused virtual machine. */
  stop(): void;
  /** Lets a frozen one go on. */
  resume(): void;
  /** Resolves once it drains. @throws with its output when it ended before */
  readonly ready: Promise<void>;
  readonly pid: number | undefined;
}

/**
 * Starts `npm run worker` as a process of its own, with a data folder of its own.
 * @param options.clock by how much its clock is wrong, as faketime takes it: `+1d`
 */
export async function startWorkerProcess(
  env: Record<string, string>,
  options: { clock?: string } = {},
): Promise<WorkerProcess> {
  const folder = await mkdtemp(path.join(tmpdir(), "batch-console-worker-"));
  let output = "";
  const clock = options.clock === undefined ? {} : wrongClock(options.clock);
  const child: ChildProcess = spawn(process.execPath, ["server/process/run.mjs", "worker"], {
    env: { ...clock, ...programEnvironment(), DATA_DIR: folder, ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (text: Buffer) => {
      output += text;
    });
  }
  const ended = new Promise<number | string | null>((resolve) =>
    child.once("exit", (code, signal) => resolve(signal ?? code)),
  );
  const ready = new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`The worker ended with ${code}:\n${output}`)));
  });
  ready.catch(() => {});
  return {
    ready,
    pid: child.pid,
    stop: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    end: async (signal) => {
      child.kill(signal);
      const code = await ended;
      await rm(folder, { recursive: true, force: true });
      return code;
    },
  };
}
