import { chmod, chown, mkdir, open, readFile, rename, rm, stat, statfs, writeFile } from "node:fs/promises";
import path from "node:path";
import { freePort } from "@/server/process/free-port";
import { StartError } from "@/server/process/start-error";
import type { ServerUser } from "./run-as";
import { runAs } from "./run-as";
import { formatSettings, serverSettings } from "./settings";

export const SUPERUSER = "batch_console";
const MAJOR_VERSION = "18";

/** An empty cluster takes 40 MB and the first gigabyte of traffic more. With less free space, starting is pointless. */
const MIN_FREE_BYTES = 256 * 1024 * 1024;
const START_TIMEOUT_SECONDS = 600; // A crash recovery over 4 GB of WAL can take minutes.
const STOP_TIMEOUT_SECONDS = 120;
const MAX_PORT_ATTEMPTS = 5;
const MAX_LOG_BYTES = 10 * 1024 * 1024;
const BUILTIN_LOCALE = ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
const CONF = "batch-console.conf";

/** A PostgreSQL data directory with its binaries and user. */
export interface Cluster {
  readonly bin: string;
  /** Contains `data` and `server.log`. */
  readonly home: string;
  readonly user: ServerUser | null;
  /** Options of initdb for versions without the built-in locale. */
  readonly locale?: readonly string[];
  /** Overrides of the settings in settings.ts. */
  readonly settings?: Record<string, string>;
}

export const dataOf = (cluster: Cluster) => path.join(cluster.home, "data");
const logOf = (cluster: Cluster) => path.join(cluster.home, "server.log");

/** Returns whether the cluster has a data directory. @throws StartError if its major version differs */
export async function isInitialised(cluster: Cluster): Promise<boolean> {
  const file = path.join(dataOf(cluster), "PG_VERSION");
  let version: string;
  try {
    version = (await readFile(file, "utf8")).trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
  if (version !== MAJOR_VERSION) {
    throw new StartError(
      `${dataOf(cluster)} contains data of PostgreSQL ${version}, but this release includes PostgreSQL ${MAJOR_VERSION}: set DATA_DIR to another folder, or DATABASE_URL to a PostgreSQL ${version} with that data.`,
    );
  }
  return true;
}

/**
 * Creates the data directory under a temporary name and renames it, so that an interrupted start leaves none behind.
 */
export async function initialise(cluster: Cluster, password: string): Promise<void> {
  const free = await freeBytes(cluster.home);
  if (free < MIN_FREE_BYTES) {
    throw new StartError(
      `${cluster.home} has only ${Math.floor(free / 2 ** 20)} MB free, but a database needs at least ${MIN_FREE_BYTES / 2 ** 20} MB. Free some space, or set DATA_DIR to a folder on another disk.`,
    );
  }
  const draft = path.join(cluster.home, "data.new");
  const passwordFile = path.join(cluster.home, "password.new");
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (cluster.user) {
    for (const file of [draft, passwordFile]) await chown(file, cluster.user.uid, cluster.user.gid);
  }
  try {
    const { code, output } = await runAs(cluster.user, path.join(cluster.bin, "initdb"), [
      `--pgdata=${draft}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      ...(cluster.locale ?? BUILTIN_LOCALE),
      "--no-instructions",
      ...(cluster.settings?.fsync === "off" ? ["--no-sync"] : []),
    ]);
    if (code !== 0) throw startFailure(cluster, "could not create its data directory", output);
    await writeFile(path.join(draft, "postgresql.conf"), `include_if_exists = '${CONF}'\n`, { flag: "a" });
    await rename(draft, dataOf(cluster));
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

/** Starts the server, on `preferredPort` if it is free. @returns the port on which it listens */
export async function startServer(cluster: Cluster, preferredPort?: number): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(attempt === 1 ? preferredPort : undefined);
    const failure = await startOn(cluster, port);
    if (failure === undefined) return port;
    const portTaken = /could not bind|Address already in use|could not create any TCP\/IP sockets/.test(failure);
    if (!portTaken || attempt === MAX_PORT_ATTEMPTS) throw startFailure(cluster, "did not start", failure);
  }
}

/** @returns undefined, or the log output of the failed start */
async function startOn(cluster: Cluster, port: number): Promise<string | undefined> {
  const data = dataOf(cluster);
  const conf = path.join(data, CONF);
  const settings = { ...serverSettings(port, await freeBytes(data)), ...cluster.settings };
  await writeFile(conf, formatSettings(settings), { mode: 0o600 });
  if (cluster.user) await chown(conf, cluster.user.uid, cluster.user.gid);
  const logStart = await prepareLog(cluster);
  const { code, output } = await runAs(cluster.user, path.join(cluster.bin, "pg_ctl"), [
    "start",
    `--pgdata=${data}`,
    `--log=${logOf(cluster)}`,
    "--wait",
    `--timeout=${START_TIMEOUT_SECONDS}`,
    "--silent",
  ]);
  if (code === 0) return undefined;
  return `${await readFrom(logOf(cluster), logStart)}\n${output}`;
}

/** Stops the server. Running statements are cancelled; committed transactions are durable. */
export async function stopServer(cluster: Cluster, mode: "fast" | "immediate" = "fast"): Promise<void> {
  const { code, output } = await runAs(cluster.user, path.join(cluster.bin, "pg_ctl"), [
    "stop",
    `--pgdata=${dataOf(cluster)}`,
    `--mode=${mode}`,
    "--wait",
    `--timeout=${STOP_TIMEOUT_SECONDS}`,
    "--silent",
  ]);
  if (code !== 0 && !/is not running|PID file .* does not exist/i.test(output)) {
    throw new Error(`The embedded PostgreSQL did not stop: ${output.trim()}`);
  }
}

/** Reads postmaster.pid of a running server. @returns undefined if there is none */
export async function readPostmaster(cluster: Cluster): Promise<{ pid: number; port: number } | undefined> {
  const lines = (await readFile(path.join(dataOf(cluster), "postmaster.pid"), "utf8").catch(() => "")).split("\n");
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return pid > 0 && port > 0 ? { pid, port } : undefined;
}

async function prepareLog(cluster: Cluster): Promise<number> {
  const file = logOf(cluster);
  const size = await stat(file).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size > MAX_LOG_BYTES) await rename(file, `${file}.1`);
  const handle = await open(file, "a", 0o600);
  await handle.close();
  await chmod(file, 0o600);
  if (cluster.user) await chown(file, cluster.user.uid, cluster.user.gid);
  return size > MAX_LOG_BYTES ? 0 : size;
}

async function readFrom(file: string, start: number): Promise<string> {
  return (await readFile(file).catch(() => Buffer.alloc(0))).subarray(start).toString("utf8");
}

function startFailure(cluster: Cluster, what: string, output: string): StartError {
  if (/No space left on device|Disk quota exceeded/.test(output)) {
    return new StartError(
      `${cluster.home} is on a full disk. Free some space, or set DATA_DIR to a folder on another disk.`,
    );
  }
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const line = lines.find((text) => /FATAL|PANIC|error:/.test(text)) ?? lines.at(-1) ?? "no reason given";
  const reason = line.replace(/^.*?(?:FATAL|PANIC|error):\s*/, "").trim();
  return new StartError(`The embedded PostgreSQL ${what}: ${reason} (see ${logOf(cluster)} for details).`);
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
