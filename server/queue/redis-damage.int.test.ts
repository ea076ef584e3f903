import type { Redis } from "ioredis";
import { afterEach, describe, expect, test, vi } from "vitest";
import { renderError } from "@/server/lib/error-text";
import type { TestDatabase } from "@/server/testing/database";
import { ALL, claimAndDie, type RedisQueues, setUpRedisQueues } from "@/server/testing/redis-queues";
import { type Claim, type LogQueue, MAX_PAYLOAD_BYTES } from "./log-queue";

const WAIT = { timeout: 60_000, interval: 20 };
const own = (name: string) => `{access_logs_queue}:${name}`;

let database: TestDatabase;
let admin: Redis;
let open: RedisQueues["open"];

setUpRedisQueues((queues) => {
  ({ database, client: admin, open } = queues);
});

async function refusalOf(queue: LogQueue): Promise<string> {
  const refusal = await queue.ping();
  return refusal ? renderError(refusal) : "none";
}

/** Takes `count` events in the order of their storage, waiting for those not yet available. */
async function takeEvents(queue: LogQueue, count: number): Promise<string[]> {
  const events: string[] = [];
  await vi.waitFor(async () => {
    await queue.consume("access_logs", ALL, async ({ payloads }) => void events.push(...payloads));
    expect(events).toHaveLength(count);
  }, WAIT);
  expect(await queue.consume("access_logs", ALL, async () => {})).toBe(0);
  return events;
}

describe("A Redis that rejects writes", () => {
  const full = "OOM command not allowed";

  afterEach(async () => {
    await admin.replicaof("NO", "ONE");
    await admin.config("SET", "maxmemory", "0");
  });

  test("due to memory is drained, starting with the claims of dead workers, and reports it", async () => {
    const queue = open({ leaseMs: 500 });
    await queue.push("access_logs", ["lost"]);
    await claimAndDie(open({ leaseMs: 1 }));
    await queue.push("access_logs", ["a", "b", "c"]);
    await admin.config("SET", "maxmemory", "1");
    await expect(queue.push("access_logs", ["x"])).rejects.toThrow(`Redis returned an error: ${full}`);
    expect(await refusalOf(queue)).toContain(full);
    expect(await queue.depth("access_logs")).toMatchObject({ length: 3, refusal: expect.stringContaining(full) });

    const events: string[] = [];
    const slowly = (claim: Claim) =>
      vi.waitFor(async () => {
        // Its lease is renewed, otherwise it would have expired.
        const end = Number(await admin.zscore(own("leases"), claim.id));
        expect(end).toBeGreaterThan(Date.now() + 100);
        const [seconds = 0, microseconds = 0] = await admin.time();
        expect(seconds * 1e6 + microseconds - Date.parse(claim.claimedAt) * 1e3).toBeGreaterThan(600_000);
      }, WAIT);
    await queue.consume("access_logs", { events: 3, bytes: 1 }, async (claim) => {
      events.push(...claim.payloads);
      await slowly(claim);
    });
    expect([...events, ...(await takeEvents(queue, 3))]).toEqual(["lost", "a", "b", "c"]);
    expect(await queue.depth("access_logs")).toMatchObject({ length: 0, inFlight: [] });
    await admin.config("SET", "maxmemory", "0");
    expect(await queue.ping()).toBeNull();
  });

  test.each([
    ["as a read-only replica", "READONLY", ["REPLICAOF", "127.0.0.1", "1"], ["REPLICAOF", "NO", "ONE"]],
    [
      "due to missing replicas",
      "NOREPLICAS",
      ["CONFIG", "SET", "min-replicas-to-write", "1"],
      ["CONFIG", "SET", "min-replicas-to-write", "0"],
    ],
  ] as const)("%s reports the backlog and the reason, and is drained afterwards", async (_, code, refuse, accept) => {
    const queue = open();
    await queue.push("access_logs", ["a", "b"]);
    expect(await queue.depth("access_logs")).toMatchObject({ length: 2, refusal: null });
    await admin.call(refuse[0], ...refuse.slice(1));
    await expect(queue.push("access_logs", ["x"])).rejects.toThrow(code);
    expect(await refusalOf(queue)).toContain(code);
    const depth = await queue.depth("access_logs").catch(() => vi.waitFor(() => queue.depth("access_logs"), WAIT));
    expect(depth).toMatchObject({ length: 2, inFlight: [], refusal: expect.stringContaining(code) });
    await expect(queue.consume("access_logs", ALL, async () => {})).rejects.toMatchObject({
      code: expect.stringMatching(/^queue\./),
    });
    await admin.call(accept[0], ...accept.slice(1));
    expect(await takeEvents(queue, 2)).toEqual(["a", "b"]);
    await vi.waitFor(async () => expect(await queue.ping()).toBeNull(), WAIT);
  });
});

describe("events of a lost claim are stored exactly once", () => {
  const damages: [string, () => Promise<unknown>][] = [
    ["the leases are deleted", () => admin.del(own("leases"))],
    ["the claims are deleted", () => admin.del(own("claims"))],
    ["both are deleted", () => admin.del(own("leases"), own("claims"))],
    ["the leases are of another type", () => admin.set(own("leases"), "x")],
    ["the claims are of another type", () => admin.set(own("claims"), "x")],
    [
      "all keys of the queue's own are of another type",
      async () => {
        for (const name of ["leases", "claims", "claimed", "samples"])
          await admin.sadd(own(name), "x").catch(async () => {
            await admin.del(own(name));
            await admin.sadd(own(name), "x");
          });
      },
    ],
    ["the count of claimed events is not a number", () => admin.set(own("claimed"), "many")],
    [
      "a claim's record is invalid",
      async () => {
        for (const id of await admin.hkeys(own("claims"))) await admin.hset(own("claims"), id, "nonsense");
      },
    ],
    [
      "a lease ends in a thousand years, as after a clock change",
      async () => {
        for (const id of await admin.zrange(own("leases"), "0", "-1")) await admin.zadd(own("leases"), 4e13, id);
      },
    ],
  ];

  test.each(damages)("when %s", async (_, damage) => {
    const queue = open();
    await queue.push("access_logs", ["a", "b", "c"]);
    const lost = await claimAndDie(open({ leaseMs: 500 }));
    await queue.push("access_logs", ["d"]);
    await damage();
    await Promise.all([queue.recover(), open().recover()]);
    const seen: Claim[] = [];
    await vi.waitFor(async () => {
      await queue.consume("access_logs", ALL, async (claim) => void seen.push(claim));
      expect(seen.length).toBeGreaterThanOrEqual(2);
    }, WAIT);
    expect(seen.map(({ id, payloads }) => `${id === lost.id} ${payloads}`).sort()).toEqual(["false d", "true a,b,c"]);
    expect(await queue.consume("access_logs", ALL, async () => {})).toBe(0);
    expect(await queue.recover()).toBe(0);
    expect(await queue.depth("access_logs")).toMatchObject({ length: 0, inFlight: [] });
    expect((await admin.keys("*claim:*")).concat(await admin.zrange(own("leases"), "0", "-1"))).toEqual([]);
  });

  test("including events that were stored but not acknowledged", async () => {
    const queue = open();
    await queue.push("access_logs", ["a"]);
    const stored = open();
    await stored.consume("access_logs", ALL, () => stored.close());
    await admin.del(own("leases"), own("claims"));
    expect(await queue.recover()).toBe(1);
    const handler = vi.fn();
    expect(await queue.consume("access_logs", ALL, handler)).toBe(1);
    expect(handler).not.toHaveBeenCalled();
    expect(await admin.keys("*claim:*")).toEqual([]);
  });

  test("a claim whose list is missing or has the wrong type does not block later claims", async () => {
    const queue = open();
    for (const damage of [(key: string) => admin.del(key), (key: string) => admin.set(key, "x")]) {
      await queue.push("access_logs", ["gone"]);
      const { id } = await claimAndDie(open({ leaseMs: 1 }));
      await damage(own(`claim:${id}`));
      await queue.push("access_logs", ["next"]);
      expect(await takeEvents(queue, 1)).toEqual(["next"]);
      expect(await queue.depth("access_logs")).toMatchObject({ inFlight: [] });
    }
  });
});

test("a worker loads only the beginning of oversized events, within its byte limit", async () => {
  const queue = open();
  const megabytes = "x".repeat(8_000_000);
  for (let event = 0; event < 5; event++) await admin.lpush("access_logs_queue", `${event}${megabytes}`);
  const claims: Claim[] = [];
  while ((await queue.consume("access_logs", ALL, async (claim) => void claims.push(claim))) > 0);
  expect(claims.map(({ payloads }) => payloads.map((text) => [text[0], text.length]))).toEqual(
    Array.from({ length: 5 }, (_, event) => [[String(event), MAX_PAYLOAD_BYTES]]),
  );
});

test("a batch of an unresponsive worker does not block other workers, and is taken over", async () => {
  const frozen = open({ leaseMs: 200, silentMs: 2_000 });
  const queue = open({ leaseMs: 200, silentMs: 2_000 });
  await queue.push("access_logs", ["held"]);
  let thaw = () => {};
  const freezing = new Promise<void>((resolve) => {
    thaw = resolve;
  });
  let isHeld = () => {};
  const held = new Promise<void>((resolve) => {
    isHeld = resolve;
  });
  const hanging = frozen.consume("access_logs", ALL, async (_, tx) => {
    await tx`insert into undated_events values ('frozen', gen_random_uuid(), now())`;
    await frozen.close();
    isHeld();
    await freezing;
    await tx`insert into undated_events values ('frozen', gen_random_uuid(), now())`;
  });
  hanging.catch(() => {});
  await held;
  await queue.push("access_logs", ["next"]);
  expect(await takeEvents(queue, 2)).toEqual(["next", "held"]);
  thaw();
  await expect(hanging).rejects.toThrow();
  expect(await database.db.sql`select from undated_events where queue = 'frozen'`).toHaveLength(0);
});
