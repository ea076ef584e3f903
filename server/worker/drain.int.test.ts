import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { queueStatus, setQueuePaused } from "@/server/services/queues";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { drainQueues } from "./drain";

const ADMIN = { kind: "user", id: "1", name: "admin", role: "admin" } as const;
const WAIT = { timeout: 60_000, interval: 20 };

let subject: TestContext;
let stop = new AbortController();
let draining: Promise<void> = Promise.resolve();

beforeAll(async () => {
  subject = await createTestContext();
});
afterEach(async () => {
  stop.abort();
  await draining;
});
afterAll(() => subject.close());

function drain(): void {
  stop = new AbortController();
  draining = drainQueues(subject.context, { signal: stop.signal });
}

const accessLog = (path: string) => JSON.stringify({ ip_address: "203.0.113.7", request_path: path });
const activity = (user: string) => JSON.stringify({ user_id: user, action: "login" });
const figures = async () => (await queueStatus(subject.context)).queues;

test("events of both queues become rows, and invalid ones become dead letters", async () => {
  const { queue } = subject.context;
  await queue.push("access_logs", [accessLog("/a"), "{not json", accessLog("/b"), '{"request_path":"/no-address"}']);
  await queue.push("user_activities", [activity("u1"), "[]"]);
  drain();
  await vi.waitFor(async () => {
    expect(await figures()).toMatchObject({
      access_logs: { received_total: 4, inserted_total: 2, dead_total: 2, in_flight: 0, queue_length: 0 },
      user_activities: { received_total: 2, inserted_total: 1, dead_total: 1, in_flight: 0, queue_length: 0 },
    });
  }, WAIT);
});

test("a paused queue retains its events while the other is drained, and is drained after it is resumed", async () => {
  const { context } = subject;
  const before = await figures();
  await setQueuePaused(context, "access_logs", true, ADMIN);
  drain();
  await context.queue.push("access_logs", [accessLog("/waits")]);
  await context.queue.push("user_activities", [activity("goes on")]);
  await vi.waitFor(async () => {
    const now = await figures();
    expect(now.user_activities.inserted_total).toBe(before.user_activities.inserted_total + 1);
    expect(now.access_logs).toMatchObject({ paused: true, queue_length: 1, in_flight: 0 });
  }, WAIT);
  await setQueuePaused(context, "access_logs", false, ADMIN);
  await vi.waitFor(async () => {
    expect((await figures()).access_logs.inserted_total).toBe(before.access_logs.inserted_total + 1);
  }, WAIT);
});

test("on stop, the current batch is finished", async () => {
  const { context } = subject;
  const before = (await figures()).access_logs.inserted_total;
  await context.queue.push(
    "access_logs",
    Array.from({ length: 300 }, (_, index) => accessLog(`/stop/${index}`)),
  );
  stop = new AbortController();
  await new Promise<void>((resolve) => {
    const onActivity = (current: unknown) => {
      if (current) resolve();
    };
    draining = drainQueues(context, { signal: stop.signal, onActivity });
  });
  stop.abort();
  await draining;
  expect(await figures()).toMatchObject({ access_logs: { inserted_total: before + 300, in_flight: 0 } });
});
