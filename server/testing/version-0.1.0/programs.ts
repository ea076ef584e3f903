import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { z } from "zod";
import { OUTPUT } from "@/server/process/programs.mjs";
import { programEnvironment } from "../program-environment";

const run = promisify(execFile);

const batchLine = z.object({ kind: z.string(), at: z.number(), ms: z.number(), error: z.string().optional() });
const sumsLine = z.object({
  sums: z.object({
    direct: z.number(),
    inserted: z.number(),
    duplicates: z.number(),
    rejected: z.number(),
    queued: z.number(),
    failures: z.number(),
  }),
});
type Batch = z.infer<typeof batchLine>;
type Sums = z.infer<typeof sumsLine>["sums"];

/** The programs of version 0.1.0, unpacked into a folder from which they find this version's packages. */
export async function unpackOldVersion(databaseUrl: string) {
  await mkdir(OUTPUT, { recursive: true });
  const folder = await mkdtemp(path.resolve(OUTPUT, "version-0.1.0-"));
  await run("tar", ["-xzf", path.resolve("server/testing/version-0.1.0/programs.tar.gz"), "-C", folder]);
  const env = {
    ...programEnvironment(),
    DATABASE_URL: databaseUrl,
    DATA_DIR: path.join(folder, "data"),
    LOG_LEVEL: "fatal",
  };
  const children: ChildProcess[] = [];
  const start = (program: string): ChildProcess => {
    const child = spawn(process.execPath, [`${program}.js`], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    return child;
  };
  return {
    /** Creates the schema of version 0.1.0. */
    migrate: () => run(process.execPath, ["cli.js", "migrate"], { cwd: folder, env }),
    /** Starts the worker. @returns a function that stops it */
    startWorker: () => stopperOf(start("worker")),
    startIntake: () => followIntake(start("intake-driver")),
    remove: async () => {
      await Promise.all(children.map((child) => stopperOf(child)("SIGKILL")));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function stopperOf(child: ChildProcess) {
  return async (signal: "SIGTERM" | "SIGKILL" = "SIGTERM") => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  };
}

function followIntake(child: ChildProcess) {
  const { stdout } = child;
  if (!stdout) throw new Error("The program has no output.");
  const batches: Batch[] = [];
  const sums = new Promise<Sums>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`The intake ended with ${code}.`)));
    createInterface({ input: stdout }).on("line", (line) => {
      const value: unknown = JSON.parse(line);
      const batch = batchLine.safeParse(value);
      if (batch.success) batches.push(batch.data);
      const end = sumsLine.safeParse(value);
      if (end.success) resolve(end.data.sums);
    });
  });
  sums.catch(() => {});
  return {
    /** The batches so far, oldest first. */
    batches,
    /** Stops it after the batches in progress. @returns what it stored and queued */
    stop: async () => {
      child.kill("SIGTERM");
      return await sums;
    },
  };
}
