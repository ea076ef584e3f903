import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

export interface WorkerProcess {
  /** Resolves once it drains. @throws with its output when it ended before */
  readonly ready: Promise<void>;
  /** Ends it and resolves with its exit code, or the signal's name when it was killed. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<number | string | null>;
}

/** Starts `npm run worker` as a process of its own. */
export function startWorkerProcess(env: Record<string, string | undefined>): WorkerProcess {
  const folder = mkdtemp(path.join(tmpdir(), "batch-console-worker-"));
  let output = "";
  let child: ChildProcess | undefined;
  const started = folder.then((dataDir) => {
    child = spawn(process.execPath, ["--import", "tsx", "server/worker/main.ts"], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, DATA_DIR: dataDir, ...env },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    child.stdout?.on("data", (text: Buffer) => {
      output += text;
    });
    child.stderr?.on("data", (text: Buffer) => {
      output += text;
    });
    return child;
  });
  const ended = started.then(
    (process) =>
      new Promise<number | string | null>((resolve) => process.once("exit", (code, signal) => resolve(signal ?? code))),
  );
  const ready = started.then(
    (process) =>
      new Promise<void>((resolve, reject) => {
        process.once("message", () => resolve());
        process.once("exit", (code) => reject(new Error(`The worker ended with ${code}:\n${output}`)));
      }),
  );
  ready.catch(() => {});
  return {
    ready,
    end: async (signal) => {
      (await started).kill(signal);
      const code = await ended;
      await rm(await folder, { recursive: true, force: true });
      return code;
    },
  };
}
