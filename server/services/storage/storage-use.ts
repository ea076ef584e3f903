import type { Context, Principal } from "@/server/process/context";
import type { DiskUse } from "@/server/services/health";
import { maskBytes, maskFor } from "@/server/services/privacy";
import type { Place, Storage, StoragePlace } from "./contract";
import { growthOf } from "./growth";
import { type FileSizes, readDatabaseSizes, readDisks, readFileSizes } from "./sizes";

type Parts = StoragePlace["parts"];

/**
 * Reports what uses the disks of PostgreSQL and DATA_DIR, the object store and other machines' disks, how fast the disks
 * fill, and when they are full. What this process cannot measure is null. Bytes are rounded for principals with a mask.
 */
export async function storageUse(ctx: Context, principal: Principal): Promise<Storage> {
  const [disks, sizes, files, mask] = await Promise.all([
    readDisks(ctx),
    readDatabaseSizes(ctx),
    readFileSizes(ctx),
    maskFor(ctx, principal),
  ]);
  const partsIn = (place: Place): Parts =>
    files
      .filter(({ store }) => placeOf(ctx, store) === place)
      .map(({ part, bytes }) => ({ part, bytes: maskBytes(bytes, mask) }))
      .reduce(addUp, []);
  const database: Parts = [
    { part: "tables", bytes: sizes.tables },
    { part: "indexes", bytes: sizes.indexes },
    { part: "database", bytes: sizes.database },
  ];
  const disk = async (place: Place, use: DiskUse | null, parts: Parts): Promise<StoragePlace> => ({
    place,
    total_bytes: use?.totalBytes ?? null,
    free_bytes: use?.freeBytes ?? null,
    parts: use ? withOther(use, parts) : parts,
    growth: await growthOf(ctx, place, use?.freeBytes ?? null),
  });
  const ownDisks = disks.isShared
    ? [disk("shared", disks.data, [...database, ...partsIn("data")])]
    : [disk("database", disks.database, database), disk("data", disks.data, partsIn("data"))];
  const remote = (["objects", "elsewhere"] as const)
    .map((place) => ({ place, parts: partsIn(place) }))
    .filter(({ parts }) => parts.length > 0)
    .map(({ place, parts }): StoragePlace => ({ place, parts, total_bytes: null, free_bytes: null, growth: null }));
  return { places: [...(await Promise.all(ownDisks)), ...remote] };
}

/** Returns where the files of a store are: `data` for the disk of this process. */
export function placeOf(
  { files }: Pick<Context, "files">,
  store: FileSizes["store"],
): "data" | "objects" | "elsewhere" {
  // Records of version 0.1 contain no store.
  if (store === null) return "data";
  const known = files.all.find(({ id }) => id === store);
  if (!known) return "elsewhere";
  return known.target.kind === "disk" ? "data" : "objects";
}

function addUp(parts: Parts, { part, bytes }: Parts[number]): Parts {
  const known = parts.find((one) => one.part === part);
  if (!known) return [...parts, { part, bytes }];
  return parts.map((one) => (one === known ? { part, bytes: one.bytes + bytes } : one));
}

function withOther({ totalBytes, freeBytes }: DiskUse, parts: Parts): Parts {
  const known = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  return [...parts, { part: "other", bytes: Math.max(0, totalBytes - freeBytes - known) }];
}
