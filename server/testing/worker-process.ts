import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { programEnvironment } from "./program-environment";
import { wrongClock } from "./wrong-clock";

export interface WorkerProcess {
  /** Stops it with a signal. @returns the exit code, or the name of the signal that ended it */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<number | string | null>;
  /** Freezes it at an arbitrary point, like SIGSTOP or a paused virtual machine. */
  stop(): void;
  /** Resumes a frozen process. */
  resume(): void;
  /** Resolves when it drains the queues. @throws with its output if it exited before */
  readonly ready: Promise<void>;
  readonly pid: number | undefined;
  /** What it wrote to stdout and stderr so far. */
  output(): string;
}

/**
 * Starts a worker in a separate process with its own data folder.
 * @param options.clock the offset of its clock in faketime's format: `+1d`
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
    output: () => output,
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
