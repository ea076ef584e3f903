import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasS3Server, type S3ServerName, startS3, type TestS3 } from "@/server/testing/s3-server";
import { openDiskStore } from "./disk-store";
import type { FileStore } from "./file-store";
import { openTarget } from "./file-stores";
import { parseFilesUrl } from "./files-url";
import { readStoreId, S3Store, writeStoreId } from "./s3-store";

const MB = 1024 * 1024;

async function* blocks(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array, void> {
  for (const part of parts) yield Buffer.from(part);
}

const keysIn = async (store: FileStore, prefix: string) => {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys.sort();
};

function deferred() {
  let resolve = () => {};
  let reject = (_error: Error) => {};
  const promise = new Promise<void>((onDone, onFailure) => {
    resolve = onDone;
    reject = onFailure;
  });
  return { promise, resolve, reject };
}

/** A source that waits between its two halves. */
function halves(first: Uint8Array, second: Uint8Array) {
  const half = deferred();
  const started = deferred();
  async function* source() {
    yield first;
    started.resolve();
    await half.promise;
    yield second;
  }
  return { source: source(), started: started.promise, go: half.resolve, fail: half.reject };
}

interface Place {
  readonly store: FileStore;
  readonly server?: TestS3;
  close(): Promise<void>;
}

async function openDisk(): Promise<Place> {
  const folder = await mkdtemp(path.join(tmpdir(), "batch-console-files-"));
  return { store: await openDiskStore(folder), close: () => rm(folder, { recursive: true }) };
}

async function openS3(name: S3ServerName): Promise<Place> {
  const server = await startS3(name);
  Object.assign(process.env, server.env);
  const at = parseFilesUrl(server.url);
  if (typeof at === "string") throw new Error(at);
  return { store: new S3Store(at, "s3:test"), server, close: () => server.remove() };
}

/** Skipped where the S3 server is not installed; .ci/run installs both. */
describe.each([
  { name: "a folder", isService: false, isInstalled: true, open: openDisk },
  { name: "Ceph radosgw", isService: true, isInstalled: hasS3Server("radosgw"), open: () => openS3("radosgw") },
  { name: "OpenStack Swift", isService: true, isInstalled: hasS3Server("swift"), open: () => openS3("swift") },
])("files in $name", ({ isService, isInstalled, open }) => {
  const it = test.runIf(isInstalled);
  const itInService = (name: string, work: () => Promise<void>) => isService && it(name, work, 240_000);
  const itInFolder = (name: string, work: () => Promise<void>) => isService || it(name, work);
  let place: Place;
  let store: FileStore;
  beforeAll(async () => {
    if (!isInstalled) return;
    place = await open();
    store = place.store;
  }, 300_000);
  afterAll(async () => place?.close());

  const serverOf = ({ server }: Place): TestS3 => {
    if (!server) throw new Error("This store has no server.");
    return server;
  };

  it("have the bytes that were written, with their number and checksum", async () => {
    const bytes = randomBytes(40 * MB);
    const written = await store.write("exports/large.bin", blocks(bytes.subarray(0, 3 * MB), bytes.subarray(3 * MB)));
    expect(written).toEqual({ sizeBytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") });
    const read = Buffer.concat(await (await store.open("exports/large.bin")).toArray());
    expect(read.equals(bytes)).toBe(true);
    expect(await store.stat("exports/large.bin")).toMatchObject({ sizeBytes: bytes.length });
  });

  it("have the right bytes when the source uses one block of memory again and again", async () => {
    async function* source() {
      const block = Buffer.alloc(4_096);
      for (let index = 0; index < 100; index++) yield block.fill(index);
    }
    const { sha256 } = await store.write("reused.bin", source());
    const read = Buffer.concat(await (await store.open("reused.bin")).toArray());
    expect(createHash("sha256").update(read).digest("hex")).toBe(sha256);
  });

  it("may end with a full part", async () => {
    for (const parts of [1, 2]) {
      const bytes = randomBytes(parts * 16 * MB);
      await store.write("exports/full-parts.bin", blocks(bytes));
      const read = Buffer.concat(await (await store.open("exports/full-parts.bin")).toArray());
      expect(read.equals(bytes)).toBe(true);
    }
  });

  it("may be empty", async () => {
    expect(await store.write("empty.csv", blocks())).toMatchObject({ sizeBytes: 0 });
    expect(await text(await store.open("empty.csv"))).toBe("");
  });

  it("are replaced as a whole", async () => {
    await store.write("again.txt", blocks("the first, which is longer"));
    await store.write("again.txt", blocks("the second"));
    expect(await text(await store.open("again.txt"))).toBe("the second");
  });

  it("can have any name", async () => {
    const keys = ["名称/日志 2024 年.csv", "names/a+b%20c&d='e\"?#.csv", "names/.hidden"];
    for (const key of keys) await store.write(key, blocks(key));
    for (const key of keys) expect(await text(await store.open(key))).toBe(key);
    expect(await keysIn(store, "names/")).toEqual(keys.slice(1).sort());
  });

  it("are never outside of the store, whatever their record says", async () => {
    const keys = ["../out", "a/../../out", "a/..", "/out", "a//out", "a/./out", "a/\0out", "a/", ""];
    for (const key of keys) {
      await expect(store.write(key, blocks("x"))).rejects.toThrow("Not a key");
      await expect(store.open(key)).rejects.toThrow("Not a key");
      await expect(store.stat(key)).rejects.toThrow("Not a key");
      await expect(store.remove(key)).rejects.toThrow("Not a key");
    }
  });

  it("are read from any byte to any other", async () => {
    await store.write("range.txt", blocks("0123456789"));
    const part = async (start: number, end: number) => text(await store.open("range.txt", { start, end }));
    expect(await part(0, 0)).toBe("0");
    expect(await part(3, 6)).toBe("3456");
    expect(await part(9, 9)).toBe("9");
  });

  it("do not exist until they are complete", async () => {
    const { source, started, go } = halves(randomBytes(20 * MB), randomBytes(MB));
    const writing = store.write("pending/file.bin", source);
    await started;
    expect(await store.stat("pending/file.bin")).toBeNull();
    expect(await keysIn(store, "pending/")).toEqual([]);
    go();
    await writing;
    expect(await keysIn(store, "pending/")).toEqual(["pending/file.bin"]);
  });

  it("do not exist when their source fails, whose error is reported", async () => {
    const failure = new Error("the query was cancelled");
    const { source, started, fail } = halves(randomBytes(20 * MB), randomBytes(MB));
    const writing = store.write("failed/file.bin", source);
    await started;
    fail(failure);
    await expect(writing).rejects.toBe(failure);
    expect(await store.stat("failed/file.bin")).toBeNull();
  });

  it("do not exist when the write was cancelled", async () => {
    const stop = new AbortController();
    const { source, started, go } = halves(randomBytes(20 * MB), randomBytes(MB));
    const writing = store.write("cancelled/file.bin", source, stop.signal);
    await started;
    stop.abort(new Error("the user cancelled"));
    // The source never continues, like a read over a lost connection.
    await expect(writing).rejects.toThrow("the user cancelled");
    go();
    expect(await keysIn(store, "cancelled/")).toEqual([]);
  });

  it("of interrupted processes are removed, and only theirs", async () => {
    const [dead, alive, below] = [1, 2, 3].map(() => halves(randomBytes(20 * MB), randomBytes(MB)));
    if (!dead || !alive || !below) throw new Error("unreachable");
    const lost = store.write("left/dead.bin", dead.source);
    const kept = store.write("left/alive.bin", alive.source);
    const inSubfolder = store.write("left/below/alive.bin", below.source);
    await Promise.all([dead.started, alive.started, below.started]);
    const asked: string[] = [];
    const isInUse = async (key: string) => {
      asked.push(key);
      return key === "left/alive.bin";
    };
    // A part that is still being sent may appear after its upload was found.
    await expect
      .poll(async () => {
        await store.removeIncomplete("left/", isInUse);
        return [...new Set(asked)].sort();
      })
      .toEqual(["left/alive.bin", "left/dead.bin"]);
    dead.go();
    alive.go();
    below.go();
    await expect(lost).rejects.toThrow();
    await Promise.all([kept, inSubfolder]);
    expect(await keysIn(store, "left/")).toEqual(["left/alive.bin", "left/below/alive.bin"]);
  });

  it("that are missing are reported as missing, and can be removed again", async () => {
    await store.write("gone.txt", blocks("x"));
    await store.remove("gone.txt");
    await store.remove("gone.txt");
    expect(await store.stat("gone.txt")).toBeNull();
    await expect(store.open("gone.txt")).rejects.toMatchObject({ code: "files.missing" });
    await expect(store.open("no/such/folder.txt")).rejects.toMatchObject({ code: "files.missing" });
  });

  it("are all listed, however many there are", async () => {
    // The servers list at most 100 at once.
    const keys = Array.from({ length: 250 }, (_, index) => `many/${String(index).padStart(4, "0")}`);
    await Promise.all(
      Array.from({ length: 20 }, async (_, lane) => {
        for (const key of keys.filter((_key, index) => index % 20 === lane)) await store.write(key, blocks("x"));
      }),
    );
    expect(await keysIn(store, "many/")).toEqual(keys);
  });

  itInService("can be downloaded from a URL", async () => {
    await store.write("url.csv", blocks("a,b\n"));
    const options = { disposition: 'attachment; filename="数据.csv"', contentType: "text/csv; charset=utf-8" };
    const url = await store.downloadUrl("url.csv", options);
    const answer = await fetch(url ?? "");
    expect(await answer.text()).toBe("a,b\n");
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
  });

  itInService("report that the service is stopped, and are there when it runs again", async () => {
    await store.write("outage.txt", blocks("kept"));
    await serverOf(place).stop();
    try {
      await expect(store.open("outage.txt")).rejects.toMatchObject({ code: "files.store_unavailable" });
      await expect(store.write("outage-2.txt", blocks("x"))).rejects.toMatchObject({ code: "files.store_unavailable" });
    } finally {
      await serverOf(place).start();
    }
    expect(await text(await store.open("outage.txt"))).toBe("kept");
    expect(await store.stat("outage-2.txt")).toBeNull();
  });

  itInFolder("have no URL, and a store with an identity of its own", async () => {
    expect(await store.downloadUrl("url.csv", { disposition: "attachment", contentType: "text/csv" })).toBeNull();
    expect(store.id).toMatch(/^disk:[0-9a-f-]{36}$/);
  });

  itInFolder("are there again after their disk was not mounted for a while, and none was lost or hidden", async () => {
    const parent = await mkdtemp(path.join(tmpdir(), "batch-console-files-"));
    const [folder, elsewhere] = [path.join(parent, "mounted"), path.join(parent, "elsewhere")];
    const mounted = await openDiskStore(folder);
    await mounted.write("kept/a.txt", blocks("kept"));
    await rename(folder, elsewhere);
    await mkdir(folder);
    for (const another of ["", "5f3c1f3e-0000-4000-8000-000000000001"]) {
      if (another) await writeFile(path.join(folder, "disk-id"), another);
      const contents = await readdir(folder);
      const inThread = await openTarget(mounted.target);
      const outcomes = await Promise.allSettled([
        mounted.write("kept/b.txt", blocks("x")),
        inThread.write("kept/b.txt", blocks("x")),
        mounted.open("kept/a.txt"),
        mounted.stat("kept/a.txt"),
        mounted.remove("kept/a.txt"),
        keysIn(mounted, "kept/"),
        mounted.check(),
      ]);
      for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: "files.no_identity" } });
      expect(await readdir(folder)).toEqual(contents);
    }
    await rm(folder, { recursive: true });
    await rename(elsewhere, folder);
    await mounted.check();
    expect(await keysIn(mounted, "kept/")).toEqual(["kept/a.txt"]);
    await rm(parent, { recursive: true });
  });

  itInService("have a store with an identity of its own", async () => {
    const at = parseFilesUrl(serverOf(place).url);
    if (typeof at === "string") throw new Error(at);
    expect(await readStoreId(at)).toBeUndefined();
    await writeStoreId(at, "5f3c1f3e-0000-4000-8000-000000000001");
    expect(await readStoreId(at)).toBe("5f3c1f3e-0000-4000-8000-000000000001");
  });

  itInService("report credentials that are refused", async () => {
    const at = parseFilesUrl(serverOf(place).url);
    if (typeof at === "string") throw new Error(at);
    const secret = process.env.AWS_SECRET_ACCESS_KEY;
    process.env.AWS_SECRET_ACCESS_KEY = "wrong";
    try {
      const stranger = new S3Store(at, "");
      await expect(stranger.open("outage.txt")).rejects.toMatchObject({ code: "files.denied" });
      await expect(stranger.write("x.txt", blocks("x"))).rejects.toMatchObject({ code: "files.denied" });
    } finally {
      process.env.AWS_SECRET_ACCESS_KEY = secret;
    }
  });
});
