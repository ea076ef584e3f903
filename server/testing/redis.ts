import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@/server/process/free-port";

const START_TIMEOUT_MS = 10_000;

export interface TestRedis {
  readonly port: number;
  readonly url: string;
  /** Stops the server: SIGTERM lets it save, SIGKILL simulates a power failure. Its data remains. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Starts the server again with the same port and data, and waits until it is ready. @param more arguments */
  start(...more: string[]): Promise<void>;
  restart(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Freezes the server with SIGSTOP, and continues it with SIGCONT. */
  signal(name: "SIGSTOP" | "SIGCONT"): void;
  /** Stops the server and deletes its data. */
  remove(): Promise<void>;
}

/**
 * Starts a redis-server on a free port of the loopback address.
 * @param options.appendonly write to the append-only file, with fsync after each write or every second
 * @param options.cluster run as a single-node cluster
 * @param options.replicaOf the port of the master
 * @param options.minReplicas replicas without which it rejects writes
 */
export async function startRedis(
  options: { appendonly?: "always" | "everysec"; cluster?: boolean; replicaOf?: number; minReplicas?: number } = {},
): Promise<TestRedis> {
  const folder = await mkdtemp(path.join(tmpdir(), "batch-console-redis-"));
  const port = await freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const durable = options.appendonly ? ["--appendonly", "yes", "--appendfsync", options.appendonly] : [];
  const replica = options.replicaOf ? ["--replicaof", "127.0.0.1", String(options.replicaOf)] : [];
  const minimum = ["--min-replicas-to-write", String(options.minReplicas ?? 0), "--repl-diskless-sync-delay", "0"];
  const cluster = options.cluster
    ? ["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1", "--cluster-port", String(await freePort())]
    : [];
  const { start, stop, signal } = await runRedis([...args, ...durable, ...replica, ...minimum, ...cluster], port);

  if (options.cluster) await sendCommand(port, "CLUSTER ADDSLOTSRANGE 0 16383");
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    stop,
    start,
    signal,
    restart: async (how) => {
      await stop(how);
      await start();
    },
    remove: async () => {
      await stop("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs redis-server until it is stopped. It can be started again with the same arguments. */
export async function runRedis(
  args: readonly string[],
  port: number,
): Promise<Pick<TestRedis, "start" | "stop" | "signal">> {
  let child: ChildProcess | undefined;
  const start = async (...more: string[]) => {
    const started = spawn("redis-server", [...args, ...more], { stdio: "ignore", detached: true });
    child = started;
    const failed = new Promise<never>((_, reject) => {
      started.once("error", (error) => reject(new Error(`redis-server: ${error.message}`)));
      started.once("exit", (code) => reject(new Error(`redis-server ended with ${code}`)));
    });
    failed.catch(() => {});
    await Promise.race([waitForPing(port), failed]);
  };
  const stop = async (signal: "SIGTERM" | "SIGKILL" = "SIGTERM") => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill(signal);
    await ended;
  };
  await start();
  return { start, stop, signal: (name) => void child?.kill(name) };
}

/** Resolves when the server has loaded its data and responds to PING. */
async function waitForPing(port: number): Promise<void> {
  for (const end = Date.now() + START_TIMEOUT_MS; Date.now() < end; await sleep(20)) {
    if ((await sendCommand(port, "PING")).startsWith("+PONG")) return;
  }
  throw new Error(`redis-server on port ${port} does not respond.`);
}

/** Sends one command and returns the raw response; an empty string if there is none. */
export function sendCommand(port: number, command: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(`${command}\r\n`));
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString());
    });
    socket.once("error", () => resolve(""));
  });
}
