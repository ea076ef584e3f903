import { realpath, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { SQLSTATE } from "@/server/db/sqlstate";
import { causeCode } from "@/server/lib/errors";
import { StartError } from "@/server/process/start-error";
import { type Cluster, dataOf, initialise, isInitialised, readPostmaster, SUPERUSER, startServer } from "./cluster";
import { hasProcessIn, isAlive, isZombie } from "./processes";

/** Idle backends exit as soon as their postmaster dies, busy ones at the end of their statement. */
const ORPHAN_TIMEOUT_MS = 30_000;

const DATABASE = "batch_console";

export function databaseUrl(password: string, port: number, database = DATABASE): string {
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
}

/** Returns the port of the cluster's running server, or creates and starts it. Call it under the lock. */
export async function ensureServer(
  cluster: Cluster,
  password: string,
  options: { preferredPort?: number; onStep: (step: "initialise" | "start") => void },
): Promise<number> {
  const isNew = !(await isInitialised(cluster));
  const running = isNew ? undefined : await findServer(cluster, password);
  if (running !== undefined) return running;
  if (isNew) {
    options.onStep("initialise");
    await initialise(cluster, password);
  }
  options.onStep("start");
  await removeStalePidFile(cluster);
  const port = await startServer(cluster, options.preferredPort);
  await ensureDatabase(databaseUrl(password, port, "postgres"));
  return port;
}

/** Returns the port of the cluster's server once it responds, or undefined if none runs. */
async function findServer(cluster: Cluster, password: string): Promise<number | undefined> {
  for (;;) {
    const postmaster = await readPostmaster(cluster);
    if (!postmaster || !isAlive(postmaster.pid)) return undefined;
    try {
      await ensureDatabase(databaseUrl(password, postmaster.port, "postgres"));
      return postmaster.port;
    } catch (error) {
      const code = causeCode(error);
      if (code === SQLSTATE.invalidPassword) {
        throw new StartError(
          `The PostgreSQL on port ${postmaster.port} rejects the password in DATA_DIR. Was DATA_DIR replaced while it ran? Stop process ${postmaster.pid} and start again.`,
        );
      }
      // The process ID in an old file may belong to another program; then nothing listens on the port.
      if (code === "ECONNREFUSED") return undefined;
    }
    // The server is starting up or shutting down.
    await sleep(200);
  }
}

/**
 * PostgreSQL refuses to start while a zombie has the process ID in postmaster.pid. The file is removed once no process
 * runs in the data directory.
 */
async function removeStalePidFile(cluster: Cluster): Promise<void> {
  const postmaster = await readPostmaster(cluster);
  if (!postmaster || !isZombie(postmaster.pid)) return;
  const data = await realpath(dataOf(cluster));
  for (const end = Date.now() + ORPHAN_TIMEOUT_MS; await hasProcessIn(data); await sleep(100)) {
    if (Date.now() > end) return;
  }
  await rm(path.join(data, "postmaster.pid"), { force: true });
}

async function ensureDatabase(maintenanceUrl: string): Promise<void> {
  const sql = postgres(maintenanceUrl, { max: 1, connect_timeout: 10, silence_timeout: 10, onnotice: () => {} });
  try {
    const [existing] = await sql`select 1 from pg_database where datname = ${DATABASE}`;
    if (!existing) await sql`create database ${sql(DATABASE)}`;
  } finally {
    await sql.end({ timeout: 1 });
  }
}
