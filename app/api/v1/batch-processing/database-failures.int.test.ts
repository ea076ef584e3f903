import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GET as getHealth } from "@/app/api/health/route";
import { connectDatabase, connectForLongWork, type Database } from "@/server/db/client";
import { DEFAULT_POOLS, poolSizes } from "@/server/db/pool-sizes";
import { provideContext } from "@/server/process/context";
import { createLogQueue } from "@/server/queue";
import { createApiKey } from "@/server/services/accounts";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { type FrozenProxy, startFrozenProxy } from "@/server/testing/frozen-proxy";
import { type Answered, askRest } from "@/server/testing/rest";
import { ANSWER_MS, RECOVERY_MS, startStopwatch } from "@/server/testing/stopwatch";
import { documentedPaths } from "./openapi.json/route-files";

const paths = await documentedPaths();

const RECOVERED = { timeout: 60_000, interval: 100 };
const TIMEOUT = 180_000;

let subject: TestContext;
let key: string;
beforeAll(async () => {
  subject = await createTestContext();
  provideContext(subject.context);
  key = (await createApiKey(subject.context, { name: "admin", role: "admin" })).key;
});
afterAll(() => subject.close());

type TimedResponse = Answered & { readonly took: number };

async function send(
  method: string,
  path: string,
  options: { query?: string; body?: string } = {},
): Promise<TimedResponse> {
  const elapsed = startStopwatch();
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const answer = await askRest(paths, { method, path, headers, ...options });
  return { ...answer, took: elapsed() };
}

const event = (path: string) => JSON.stringify([{ ip_address: "203.0.113.7", request_path: path }]);
const store = (path: string) => send("POST", "/access-logs", { query: "mode=direct", body: event(path) });

async function health(): Promise<{ status: number; text: string }> {
  const headers = { authorization: `Bearer ${key}` };
  const response = await getHealth(new Request("http://127.0.0.1:3000/api/health", { headers }));
  return { status: response.status, text: await response.text() };
}

function expectRecovery(answer: TimedResponse): void {
  expect([answer.status, answer.text]).toEqual([503, expect.not.stringMatching(/select |insert |\.ts/i)]);
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(answer.took).toBeLessThan(ANSWER_MS);
}

describe("While a log table is locked", () => {
  test("requests for it are answered with 503, and everything else works", { timeout: TIMEOUT }, async () => {
    const lock = connectForLongWork(subject.context.db.url, "holder of the lock");
    await lock`begin`;
    await lock`lock table access_logs in access exclusive mode`;
    const uploads = Array.from({ length: 14 }, (_, index) => store(`/locked/${index}`));
    const lists = Array.from({ length: 14 }, (_, index) =>
      send("GET", "/access-logs", { query: `page_size=${index + 1}` }),
    );
    for (let times = 0; times < 4; times++) {
      const answers = await Promise.all([
        send("GET", "/queue-status"),
        send("GET", "/jobs"),
        send("GET", "/user-activities"),
        send("POST", "/user-activities", { query: "mode=direct", body: '[{"user_id":"7","action":"login"}]' }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      await expect.poll(health, RECOVERED).toMatchObject({ status: 200 });
    }
    for (const answer of await Promise.all([...uploads, ...lists])) expectRecovery(answer);
    await lock`rollback`;
    await lock.end();
    expect(await store("/free again")).toMatchObject({ status: 200 });
  });
});

describe("While PostgreSQL is read-only", () => {
  test("changes are answered with 503, reads work, and health reports it", { timeout: TIMEOUT }, async () => {
    const { db } = subject.context;
    const name = new URL(db.url).pathname.slice(1);
    const reconnect = () => db.read.$client`
      select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name} and pid <> pg_backend_pid()`;
    await db.sql`alter database ${db.sql(name)} set default_transaction_read_only = on`;
    await reconnect();
    await expect
      .poll(health, RECOVERED)
      .toEqual({ status: 503, text: expect.stringContaining("PostgreSQL is read-only") });
    expectRecovery(await store("/read-only"));
    expectRecovery(await send("POST", "/cleanup", { body: '{"task_type":"access_logs","days_to_keep":30}' }));
    expect(await send("GET", "/access-logs")).toMatchObject({ status: 200 });
    await db.sql.begin("read write", (tx) => tx`alter database ${tx(name)} set default_transaction_read_only = off`);
    await reconnect();
    await expect.poll(health, RECOVERED).toMatchObject({ status: 200 });
    expect(await store("/writable again")).toMatchObject({ status: 200 });
  });
});

describe("While PostgreSQL does not respond", () => {
  let proxy: FrozenProxy;
  let db: Database;
  beforeAll(async () => {
    const url = new URL(subject.context.db.url);
    proxy = await startFrozenProxy(Number(url.port));
    url.port = String(proxy.port);
    // Enough for each request to use another connection, on which its statements are not prepared yet.
    const sizes = { ...poolSizes(DEFAULT_POOLS, "web"), general: 10 };
    db = connectDatabase(url.href, { applicationName: "through the proxy", sizes });
    const { log } = subject.context;
    provideContext({ ...subject.context, db, queue: createLogQueue({ redisUrl: undefined, db, log }) });
  });
  afterAll(async () => {
    provideContext(subject.context);
    await db.close();
    await proxy.close();
  });

  test("requests are answered with 503 in time, and with 200 soon after its recovery", {
    timeout: TIMEOUT,
  }, async () => {
    const requests = () => [
      send("GET", "/access-logs"),
      send("GET", "/queue-status"),
      store("/frozen"),
      send("POST", "/access-logs", { body: event("/frozen") }),
    ];
    expect((await Promise.all(requests())).map(({ status }) => status)).toEqual([200, 200, 200, 202]);
    proxy.freeze();
    for (const answer of await Promise.all([...requests(), ...requests()])) expectRecovery(answer);
    expect(await health()).toMatchObject({ status: 503 });
    const late = requests();
    proxy.forget();
    const elapsed = startStopwatch();
    const statuses = async () => (await Promise.all(requests())).map(({ status }) => status);
    await expect.poll(statuses, RECOVERED).toEqual([200, 200, 200, 202]);
    await expect.poll(health, RECOVERED).toMatchObject({ status: 200 });
    expect(elapsed()).toBeLessThan(RECOVERY_MS);
    await Promise.all(late);
  });

  test.each([
    ["insert into queue_states", () => send("POST", "/queues/access_logs/resume")],
    [
      "copy access_logs",
      () => send("POST", "/access-logs", { query: "mode=direct&file_name=a", body: event("/half") }),
    ],
  ])("a request that is interrupted at “%s” is answered in time", { timeout: TIMEOUT }, async (statement, request) => {
    expect((await request()).status).toBeLessThan(300);
    proxy.freezeAt(statement);
    expectRecovery(await request());
    proxy.forget();
    await expect.poll(health, RECOVERED).toMatchObject({ status: 200 });
  });

  test("a request that waits for its job is answered in time with the job", { timeout: TIMEOUT }, async () => {
    const answer = send("POST", "/export", { body: '{"export_type":"access_logs","format":"csv"}' });
    const reads = new Set<string>();
    const readsOfJob = async () => {
      const rows = await subject.context.db.sql<{ at: string }[]>`
        select query_start::text as at
        from pg_stat_activity
        where application_name = 'through the proxy' and query like '%from "jobs"%'`;
      for (const { at } of rows) reads.add(at);
      return reads.size;
    };
    // The job is read when it is created, and at the beginning of the wait.
    await expect.poll(readsOfJob, RECOVERED).toBeGreaterThan(2);
    proxy.freeze();
    const { status, text, took } = await answer;
    expect([status, JSON.parse(text)]).toEqual([202, expect.objectContaining({ status: "queued" })]);
    expect(took).toBeLessThan(ANSWER_MS);
    proxy.forget();
    await expect.poll(health, RECOVERED).toMatchObject({ status: 200 });
  });
});
