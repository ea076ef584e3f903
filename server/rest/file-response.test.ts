import { mkdtemp, readdir, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { openDiskStore } from "@/server/files/disk-store";
import { contentDisposition, fileResponse } from "./file-response";

const options = { record: async () => {}, presign: false };

async function serve(folder: string, size: number) {
  const facts = { key: "rows.csv", name: "rows.csv", size, contentType: "text/csv", etag: "sum" };
  return { ...facts, store: await openDiskStore(folder), modifiedAt: new Date() };
}

/** Returns the files that this process has open. */
async function openFiles(): Promise<string[]> {
  const names = await readdir("/proc/self/fd");
  return Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")));
}

test.each([
  ["访问日志 2024.csv", "____ 2024.csv", "%E8%AE%BF%E9%97%AE%E6%97%A5%E5%BF%97%202024.csv"],
  ['a"b\\c%41.csv', "a_b_c_41.csv", "a%22b%5Cc%2541.csv"],
  ["it's (1)*.csv", "it's (1)*.csv", "it%27s%20%281%29%2A.csv"],
  ["x\r\nSet-Cookie: y", "x__Set-Cookie: y", "x%0D%0ASet-Cookie%3A%20y"],
])("a download named %j has a name that every client reads", (name, ascii, whole) => {
  expect(contentDisposition(name)).toBe(`attachment; filename="${ascii}"; filename*=UTF-8''${whole}`);
});

test.each([4, 6, 8, 10, 12])(
  "a download ends when its client disconnects at block %i: the file is closed and nothing is thrown",
  async (last) => {
    const folder = await mkdtemp(path.join(tmpdir(), "download-"));
    try {
      const file = path.join(folder, "rows.csv");
      await writeFile(file, Buffer.alloc(8_000_000));
      const served = await serve(folder, 8_000_000);
      const { body } = await fileResponse(new Request("http://127.0.0.1/"), served, options);
      let blocks = 0;
      const disconnectedClient = new WritableStream({
        write: async () => {
          if (++blocks === last) throw new Error("The client is gone.");
          // As slow as a network, so that the file is read ahead.
          await sleep(1);
        },
      });
      await expect(body?.pipeTo(disconnectedClient)).rejects.toThrow("gone");
      await vi.waitFor(async () => expect(await openFiles()).not.toContain(file), { timeout: 60_000 });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

test("a client that disconnects before the first block of a download leaves no file open", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "download-"));
  try {
    const file = path.join(folder, "rows.csv");
    await writeFile(file, "id\r\n");
    const served = await serve(folder, 4);
    const client = new AbortController();
    await fileResponse(new Request("http://127.0.0.1/", { signal: client.signal }), served, options);
    client.abort();
    await vi.waitFor(async () => expect(await openFiles()).not.toContain(file), { timeout: 60_000 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
