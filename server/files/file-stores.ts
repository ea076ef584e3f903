import { randomUUID } from "node:crypto";
import { LOCKS } from "@/server/db/advisory-locks";
import type { Sql, SqlExecutor } from "@/server/db/client";
import { AppError } from "@/server/lib/errors";
import type { Config } from "@/server/process/config";
import { DiskStore, openDiskStore } from "./disk-store";
import type { FileStore, StoreTarget } from "./file-store";
import type { S3Location } from "./files-url";
import { S3_LIMITS, type S3Limits } from "./s3-limits";

/** The file stores of this process: DATA_DIR, and the object store of FILES_URL. */
export interface FileStores {
  /** The store for new files. */
  readonly current: FileStore;
  readonly all: readonly FileStore[];
  /**
   * Returns the store of a recorded file. Records of version 0.1 contain no store; their files are on the disk.
   * @throws AppError files.other_disk, files.store_not_configured
   */
  of(id: string | null): Promise<FileStore>;
}

/**
 * Opens the file stores. The object store is contacted only before its location is recorded, so that later a process can
 * start while it is unavailable.
 */
export async function openFileStores(
  config: Pick<Config, "dataDir" | "filesUrl">,
  sql: Sql,
  limits = S3_LIMITS,
): Promise<FileStores> {
  const disk = await openDiskStore(config.dataDir);
  const all = [disk];
  if (config.filesUrl) all.unshift(await openS3Store(config.filesUrl, sql, limits));
  return {
    current: all[0] ?? disk,
    all,
    of: async (id) => all.find((store) => store.id === (id ?? disk.id)) ?? (await unknownStore(sql, id ?? "")),
  };
}

/** Records the locations of stores, for messages of processes that do not have them. */
export async function recordStores(
  sql: SqlExecutor,
  stores: readonly Pick<FileStore, "id" | "location">[],
): Promise<void> {
  for (const { id, location } of stores) {
    // A process can start while PostgreSQL is read-only.
    const known = await sql`select from file_stores where id = ${id} and location = ${location}`;
    if (known.length > 0) continue;
    await sql`
      insert into file_stores (id, location) values (${id}, ${location})
      on conflict (id) do update set location = excluded.location`;
  }
}

async function unknownStore(sql: Sql, id: string): Promise<never> {
  const [known] = await sql<{ location: string }[]>`select location from file_stores where id = ${id}`;
  const location = known?.location ?? id;
  throw new AppError(id.startsWith("disk:") ? "files.other_disk" : "files.store_not_configured", { location });
}

/** Opens a store by its target. */
export async function openTarget(target: StoreTarget): Promise<Pick<FileStore, "write" | "removeIncomplete">> {
  if (target.kind === "disk") return new DiskStore(target.folder, target.id);
  const { S3Store } = await import("./s3-store");
  return new S3Store(target.at, "", target.limits);
}

/** Opens the object store with its identity, known from an earlier start or read from the bucket. */
async function openS3Store(at: S3Location, sql: Sql, limits: S3Limits): Promise<FileStore> {
  const { ID_KEY, locationOf, readStoreId, S3Store, writeStoreId } = await import("./s3-store");
  const location = locationOf(at);
  return await sql.begin(async (tx) => {
    // Serialized, so that a new store gets one identity.
    await tx`select pg_advisory_xact_lock(${LOCKS.fileStore}, 0)`;
    const [known] = await tx<{ id: string }[]>`
      select id from file_stores where location = ${location} and id like 's3:%'`;
    if (known) return new S3Store(at, known.id, limits);
    const found = await readStoreId(at);
    if (found) {
      // Its location has changed. A store that this database never used contains the files of another database, which
      // the sweep would delete.
      const moved = await tx`select from file_stores where id = ${`s3:${found}`}`;
      if (moved.length === 0) throw new AppError("files.foreign_store", { location, file: ID_KEY });
      return new S3Store(at, `s3:${found}`, limits);
    }
    const id = randomUUID();
    await writeStoreId(at, id);
    const store = new S3Store(at, `s3:${id}`, limits);
    await recordStores(tx, [store]);
    return store;
  });
}
