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
  /** The last one out stops the server. */
  release(): Promise<void>;
}

/**
 * The PostgreSQL of DATA_DIR: the one that runs already, or a new one. Any number of processes share
 * it, in any order; it runs in a session of its own, so a Ctrl-C meant for us does not reach it. When
 * it dies while we use it, it is started again on the same port.
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
    const password = await keptPassword(path.join(control, "password"));
    const port = await join(cluster, password);
    await writeFile(portFile, String(port), { mode: 0o600 });
    return { cluster, password, port };
  });

  async function join(cluster: Cluster, password: string): Promise<number> {
    const port = await ensureServer(cluster, password, {
      preferredPort: Number(await readFile(portFile, "utf8").catch(() => "")) || undefined,
      onStep: (step) =>
        log.info(step === "start" ? "PostgreSQL starts." : `PostgreSQL gets a new database in ${cluster.home}.`),
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
        log.error({ err: error }, "The embedded PostgreSQL is away; trying again.");
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

async function keptPassword(file: string): Promise<string> {
  const kept = await readFile(file, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  });
  if (kept) return kept;
  const made = randomBytes(24).toString("hex");
  await writeFile(file, made, { mode: 0o600 });
  return made;
}
