import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SUPERUSER } from "@/server/db/embedded/cluster";
import { findServerUser } from "@/server/db/embedded/run-as";
import { databaseUrl } from "@/server/db/embedded/server";
import { freePort } from "@/server/process/free-port";
import { PASSWORD } from "./postgres";

const START_TIMEOUT_MS = 10_000;

export interface TestPgBouncer {
  readonly port: number;
  /** Returns the URL of `database` through PgBouncer. */
  url(database?: string): string;
  /** Freezes it with SIGSTOP, and continues it with SIGCONT. */
  signal(name: "SIGSTOP" | "SIGCONT"): void;
  stop(): Promise<void>;
}

/**
 * Starts PgBouncer in front of the test server at `postgresPort`, on a free port of the loopback address. It accepts no
 * startup parameters except its own.
 * @param settings override the settings below
 */
export async function startPgBouncer(
  postgresPort: number,
  settings: Record<string, string | number> = {},
): Promise<TestPgBouncer> {
  const folder = await mkdtemp(path.join(tmpdir(), "batch-console-pgbouncer-"));
  const port = await freePort();
  const users = path.join(folder, "users.txt");
  const file = path.join(folder, "pgbouncer.ini");
  const all = {
    listen_addr: "127.0.0.1",
    listen_port: port,
    unix_socket_dir: "",
    auth_type: "trust",
    auth_file: users,
    pool_mode: "transaction",
    default_pool_size: 10,
    max_client_conn: 1_000,
    server_idle_timeout: 5,
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
  await writeFile(users, `"${SUPERUSER}" "${PASSWORD}"\n`);
  await writeFile(
    file,
    ["[databases]", `* = host=127.0.0.1 port=${postgresPort}`, "[pgbouncer]", ...lines, ""].join("\n"),
  );
  await chmod(folder, 0o755);
  // PgBouncer refuses to run as root.
  const user = process.getuid?.() === 0 ? await findServerUser() : null;
  const child = spawn("pgbouncer", ["-q", file], {
    cwd: "/",
    stdio: "ignore",
    detached: true,
    env: { NODE_ENV: "test", PATH: `${process.env.PATH}:/usr/sbin` },
    ...(user && { uid: user.uid, gid: user.gid }),
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  await Promise.race([waitForPort(port), failureOf(child)]);
  return {
    port,
    url: (database = "postgres") => databaseUrl(PASSWORD, port, database),
    signal: (name) => void child.kill(name),
    stop: async () => {
      child.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function failureOf(child: ChildProcess): Promise<never> {
  const failed = new Promise<never>((_, reject) => {
    child.once("error", (error) => reject(new Error(`pgbouncer: ${error.message}`)));
    child.once("exit", (code) => reject(new Error(`pgbouncer ended with ${code}`)));
  });
  failed.catch(() => {});
  return failed;
}

async function waitForPort(port: number): Promise<void> {
  for (const end = Date.now() + START_TIMEOUT_MS; Date.now() < end; await sleep(20)) {
    if (await isOpen(port)) return;
  }
  throw new Error(`pgbouncer on port ${port} does not respond.`);
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
