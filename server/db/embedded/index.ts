import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Config } from "@/server/process/config";
import { explainFileError } from "@/server/process/start-error";
import { findBinaries } from "./binaries";
import { type Cluster, stopServer } from "./cluster";
import { withLock } from "./lock";
import { choosePlace } from "./place";
import { joinPresence, type Presence } from "./presence";
import { databaseUrl, ensureServer } from "./server";

export interface EmbeddedDatabase {
  readonly url: string;
  /** Stops using the server. The last process to release it stops it. */
  release(): Promise<void>;
}

/**
 * Uses the PostgreSQL in DATA_DIR: the running server, or a new one. Any number of processes can share it. It runs in
 * its own session, so that Ctrl-C in a terminal does not reach it. If it crashes while in use, it is restarted on the
 * same port.
 * @throws StartError with a line for the user
 */
export async function acquireEmbeddedDatabase(config: Pick<Config, "dataDir">, log: Logger): Promise<EmbeddedDatabase> {
  try {
    return await acquire(config.dataDir, log);
  } catch (error) {
    throw explainFileError(error, config.dataDir);
  }
}

async function acquire(dataDir: string, log: Logger): Promise<EmbeddedDatabase> {
  const control = path.join(dataDir, "postgres");
  await mkdir(control, { recursive: true });
  const lock = path.join(control, "lock");
  const portFile = path.join(control, "port");
  const state: { presence?: Presence; released: boolean } = { released: false };

  const { cluster, password, port } = await withLock(lock, async () => {
    const place = await choosePlace(dataDir, log);
    const cluster: Cluster = {
      bin: await findBinaries(place.user, place.copies),
      home: place.home,
      user: place.user,
    };
    const password = await readOrCreatePassword(path.join(control, "password"));
    const port = await join(cluster, password);
    await writeFile(portFile, String(port), { mode: 0o600 });
    return { cluster, password, port };
  });

  async function join(cluster: Cluster, password: string): Promise<number> {
    const port = await ensureServer(cluster, password, {
      preferredPort: Number(await readFile(portFile, "utf8").catch(() => "")) || undefined,
      onStep: (step) =>
        log.info(step === "start" ? "Starting PostgreSQL." : `Creating a PostgreSQL database in ${cluster.home}.`),
    });
    state.presence = await joinPresence(databaseUrl(password, port, "postgres"), () => void rejoin());
    return port;
  }

  async function rejoin(): Promise<void> {
    for (; !state.released; await sleep(1_000)) {
      try {
        await withLock(lock, async () => {
          if (!state.released) await join(cluster, password);
        });
        return;
      } catch (error) {
        log.error({ err: error }, "The embedded PostgreSQL is unavailable; retrying.");
      }
    }
  }

  return {
    url: databaseUrl(password, port),
    release: async () => {
      if (state.released) return;
      state.released = true;
      await withLock(lock, async () => {
        if (await state.presence?.leave()) await stopServer(cluster);
      });
    },
  };
}

async function readOrCreatePassword(file: string): Promise<string> {
  const stored = await readFile(file, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  });
  if (stored) return stored;
  const created = randomBytes(24).toString("hex");
  await writeFile(file, created, { mode: 0o600 });
  return created;
}
