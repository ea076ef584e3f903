import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startRemoteEngine, type TestRemote } from "@/server/testing/clickhouse";
import { hasChdb } from "@/server/testing/clickhouse/install";

let remote: TestRemote;
const folder = mkdtemp(path.join(tmpdir(), "bc-objects-"));

beforeAll(async () => {
  await writeFile(path.join(await folder, "store-id"), "00000000-0000-4000-8000-000000000000");
  const started = await startRemoteEngine(await folder);
  if (started) remote = started;
});

afterAll(async () => await rm(await folder, { recursive: true, force: true }));

const one = () => remote.engine.query(sql`select ${1} as one, ${"a\tb\\n'"} as text, ${null} as nothing`);
const ONE = [{ one: 1, text: "a\tb\\n'", nothing: null }];

it.runIf(hasChdb())("ends a query when its caller has left, and answers the next one", async () => {
  const caller = new AbortController();
  const endless = remote.engine.query(
    sql`select count(*) as n from numbers(1000000000000) where sipHash64(number) = 1`,
    {
      signal: caller.signal,
    },
  );
  const ended = expect(endless).rejects.toThrow("left");
  await remote.hasQuery();
  caller.abort(new Error("left"));
  await ended;
  expect(await one()).toEqual(ONE);
});

it.runIf(hasChdb())("says that ClickHouse is unavailable while it restarts, and answers when it is back", async () => {
  await remote.stop();
  await expect(one()).rejects.toMatchObject({ code: "columnar.server_unreachable", kind: "UNAVAILABLE" });
  await remote.start();
  expect(await one()).toEqual(ONE);
});

it.runIf(hasChdb())("names the cause of each failure in one line", async () => {
  await expect(remote.engine.check()).resolves.toBeUndefined();
  const stranger = remote.open(remote.url.replace("secret", "wrong"));
  await expect(stranger.check()).rejects.toThrow(/rejected the password of user explorer/);
  await stranger.close();
  remote.pretend({ version: "24.8.4.13" });
  await expect(remote.engine.check()).rejects.toThrow(/is version 24.8.4.13. EXPLORE_URL needs version 26.7 or newer/);
  remote.pretend({
    error:
      "Code: 497. DB::Exception: explorer: Not enough privileges. To execute this query, it's necessary to have the grant READ ON S3. (ACCESS_DENIED)",
  });
  await expect(remote.engine.check()).rejects.toThrow(/lacks a privilege: READ ON S3\./);
  remote.pretend(undefined);
  await remote.closeObjects();
  await expect(remote.engine.check()).rejects.toThrow(/cannot read the object store/);
});
