import { afterEach, describe, expect, test, vi } from "vitest";
import { queueStatus } from "@/server/services/queues";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { startRedis, type TestRedis } from "@/server/testing/redis";
import { drainQueues } from "./drain";

const WAIT = { timeout: 60_000, interval: 50 };
/** The maximum time without progress of a queue. */
const PROMISED = { timeout: 60_000, interval: 50 };

let redis: TestRedis | undefined;
let subject: TestContext;
let stop = new AbortController();
let draining: Promise<void> = Promise.resolve();

afterEach(async () => {
  stop.abort();
  await draining;
  await subject.close();
  await redis?.remove();
});

async function open(backend: "redis" | "postgres"): Promise<TestContext["context"]> {
  redis = backend === "redis" ? await startRedis() : undefined;
  subject = await createTestContext({ redisUrl: redis?.url });
  stop = new AbortController();
  return subject.context;
}

function drain(): void {
  draining = drainQueues(subject.context, { signal: stop.signal });
}

/** The ID of an event without a time, whose first delivery cannot be recorded. */
const POISON = "00000000-0000-4000-8000-000000000041";
const accessLog = (path: string, id?: string) => JSON.stringify({ id, ip_address: "203.0.113.7", request_path: path });
const activity = (user: string) => JSON.stringify({ user_id: user, action: "login" });
const figures = async () => (await queueStatus(subject.context)).queues;

describe.each(["redis", "postgres"] as const)("with the queue in %s", (backend) => {
  test("a locked table blocks only its own queue, which continues when the lock is released", async () => {
    const { db, queue } = await open(backend);
    await queue.push("access_logs", [accessLog("/1"), accessLog("/2")]);
    await db.sql.begin(async (tx) => {
      await tx`lock table access_logs`;
      drain();
      for (let round = 1; round <= 20; round++) {
        await queue.push("user_activities", [activity(`u${round}`)]);
        await vi.waitFor(async () => expect((await figures()).user_activities.inserted_total).toBe(round), WAIT);
      }
      expect((await figures()).access_logs.inserted_total).toBe(0);
    });
    await vi.waitFor(
      async () =>
        expect((await figures()).access_logs).toMatchObject({ inserted_total: 2, dead_total: 0, in_flight: 0 }),
      WAIT,
    );
  });

  test.each([
    [
      "makes its batch fail for an unexpected reason",
      "raise 'cache lookup failed' using errcode = 'XX000'",
      { code: "event.refused", params: { field: "event", code: "XX000" } },
    ],
    [
      "ends its connection to PostgreSQL",
      "perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(60)",
      { code: "event.ends_connection", params: { field: "event", code: expect.any(String) } },
    ],
  ])("an event that %s becomes the only dead letter, in a batch or alone", async (_, failure, error) => {
    const { db, queue } = await open(backend);
    await db.sql.unsafe(`
      create function refuse() returns trigger language plpgsql as $$
        begin
          if new.event_id = '${POISON}' then
            ${failure};
          end if;
          return new;
        end
      $$;
      create trigger refuse before insert on undated_events for each row execute function refuse()`);
    const events = Array.from({ length: 100 }, (_, index) => accessLog(`/${index}`, index === 41 ? POISON : undefined));
    await queue.push("access_logs", events);
    drain();
    const stored = { inserted_total: 99, in_flight: 0, queue_length: 0 };
    await vi.waitFor(
      async () =>
        expect((await figures()).access_logs).toMatchObject({ ...stored, received_total: 100, dead_total: 1 }),
      PROMISED,
    );
    await queue.push("access_logs", [accessLog("/alone", POISON)]);
    await vi.waitFor(
      async () =>
        expect((await figures()).access_logs).toMatchObject({ ...stored, received_total: 101, dead_total: 2 }),
      PROMISED,
    );
    const letters = await db.sql`select payload, error::jsonb from dead_letters order by id`;
    expect(letters).toHaveLength(2);
    expect(letters).toEqual(
      expect.arrayContaining([
        { payload: events[41], error },
        { payload: accessLog("/alone", POISON), error },
      ]),
    );
  });
});

test("if every event fails, no event is rejected: they wait and are stored after the cause is fixed", async () => {
  const { db, queue } = await open("postgres");
  await db.sql`alter table intake_counters rename to elsewhere`;
  await queue.push("access_logs", [accessLog("/1"), accessLog("/2")]);
  let failures = 0;
  const consume = queue.consume.bind(queue);
  vi.spyOn(queue, "consume").mockImplementation((...args) =>
    consume(...args).catch((error: unknown) => {
      failures++;
      throw error;
    }),
  );
  drain();
  await vi.waitFor(() => expect(failures).toBeGreaterThanOrEqual(3), WAIT);
  expect(await db.sql`select from dead_letters`).toHaveLength(0);
  await db.sql`alter table elsewhere rename to intake_counters`;
  await vi.waitFor(
    async () => expect((await figures()).access_logs).toMatchObject({ inserted_total: 2, dead_total: 0 }),
    WAIT,
  );
});
