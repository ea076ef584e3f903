import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { findBinaries } from "@/server/db/embedded/binaries";
import { type Cluster, initialise, isInitialised, startServer, stopServer } from "@/server/db/embedded/cluster";
import { findServerUser } from "@/server/db/embedded/run-as";
import { databaseUrl } from "@/server/db/embedded/server";

export const PASSWORD = "test";

export interface TestPostgres {
  readonly port: number;
  /** Returns the superuser URL of `database` (default: the maintenance database). */
  url(database?: string): string;
  /** Stops the server: `fast` for a regular stop, `immediate` for a power failure. */
  stop(mode?: "fast" | "immediate"): Promise<void>;
  /** Starts the server again on the same port. */
  start(): Promise<void>;
  restart(mode?: "fast" | "immediate"): Promise<void>;
  /** Stops the server and deletes its data. */
  remove(): Promise<void>;
}

/**
 * Starts a PostgreSQL server in a temporary folder: the packaged version, or that in the folder TEST_POSTGRES_BIN.
 * @param settings override the product's settings; tests of power failures must leave fsync on
 * @param folder an existing data folder to use instead
 */
export async function startPostgres(settings: Record<string, string> = {}, folder?: string): Promise<TestPostgres> {
  const user = process.getuid?.() === 0 ? await findServerUser() : null;
  const home = folder ?? (await mkdtemp(path.join(tmpdir(), "batch-console-pg-")));
  await mkdir(home, { recursive: true });
  await chmod(home, 0o755);
  const copies = path.join(tmpdir(), `batch-console-bin-${process.getuid?.() ?? 0}`);
  const other = process.env.TEST_POSTGRES_BIN;
  const bin = other ?? (await findBinaries(user, copies));
  const locale = other === undefined ? undefined : ["--locale=C.UTF-8"];
  const cluster: Cluster = { bin, home, user, locale, settings: { shared_buffers: "128MB", ...settings } };
  if (!(await isInitialised(cluster))) await initialise(cluster, PASSWORD);
  const port = await startServer(cluster);
  const start = async () => {
    const now = await startServer(cluster, port);
    if (now !== port) throw new Error(`Port ${port} was taken while PostgreSQL was stopped.`);
  };
  return {
    port,
    url: (database = "postgres") => databaseUrl(PASSWORD, port, database),
    stop: (mode) => stopServer(cluster, mode),
    start,
    restart: async (mode) => {
      await stopServer(cluster, mode);
      await start();
    },
    remove: async () => {
      await stopServer(cluster, "immediate");
      await rm(home, { recursive: true, force: true });
    },
  };
}
