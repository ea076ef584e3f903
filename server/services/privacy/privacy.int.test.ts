import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { documentedPaths } from "@/app/api/v1/batch-processing/openapi.json/route-files";
import { type Context, type Principal, provideContext } from "@/server/process/context";
import { createApiKey } from "@/server/services/accounts";
import { runExport } from "@/server/services/exports";
import { ingest, insertAccessLogs, insertUserActivities } from "@/server/services/intake";
import { runJobs, UNFENCED } from "@/server/services/jobs";
import { logReader } from "@/server/services/logs";
import { runCleanup } from "@/server/services/retention";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { askRest } from "@/server/testing/rest";
import { appRouter } from "@/server/trpc/root";
import { changePrivacy, privacySettings } from "./settings";

const paths = await documentedPaths();

/** Values that a viewer must not find in any response. */
const SECRETS = ["203.0.113.42", "2001:db8:1:2::42", "SecretBrowser/1.0", "secret-session"];

let opened: TestContext;
let ctx: Context;
const keys: Partial<Record<Principal["role"], string>> = {};
const admin: Principal = { kind: "api_key", id: "admin", name: "admin", role: "admin" };

beforeAll(async () => {
  opened = await createTestContext();
  ctx = opened.context;
  provideContext(ctx);
  for (const role of ["viewer", "operator", "admin"] as const) {
    keys[role] = (await createApiKey(ctx, { name: role, role })).key;
  }
  const person = { user_agent: "SecretBrowser/1.0 (X11)", session_id: "secret-session" };
  await insertAccessLogs(ctx, [
    {
      ...person,
      ip_address: "203.0.113.42",
      request_path: "/a?by=203.0.113.42",
      referer: "https://example.com/;jsessionid=secret-session",
      clientIp: "203.0.113.42",
      "cf-connecting-ip": "203.0.113.42",
      "x-forwarded": "203.0.113.42",
      trailing: '"203.0.113.42" "SecretBrowser/1.0"',
      prefix: "203.0.113.42",
      note: { text: ["seen at 203.0.113.42:443 by [2001:db8:1:2::42]"], cookie: "a=secret-session" },
    },
    { ...person, ip_address: "2001:db8:1:2::42", request_path: "/b" },
    { ...person, ip_address: "203.0.113.42", request_path: "" },
    { ...person, ip_address: "203.0.113.42" },
  ]);
  const lines = ["ip_address,request_path,203.0.113.42", ",,203.0.113.42"];
  await ingest(ctx, "access_logs", Readable.from([Buffer.from(lines.join("\n"))]), {
    format: "csv",
    mode: "direct",
    isGzip: false,
    source: "host 203.0.113.42",
    signal: new AbortController().signal,
  });
  const details = { sourceIPAddress: "203.0.113.42", userAgent: "SecretBrowser/1.0" };
  await insertUserActivities(ctx, [{ ...person, user_id: "1", action: "login", ip_address: "203.0.113.42", details }]);
});
afterAll(() => opened?.close());

async function get(role: Principal["role"], path: string, query = "") {
  const headers = { authorization: `Bearer ${keys[role]}`, prefer: "wait=5" };
  const { status, text } = await askRest(paths, { method: "GET", path, query, headers });
  return { status, text };
}

function trpc(role: Principal["role"]) {
  const principal: Principal = { kind: "user", id: role, name: role, role };
  const headers = new Headers({ "sec-fetch-site": "same-origin" });
  return appRouter.createCaller({ app: ctx, headers, principal: async () => principal });
}

/** An operator's export of one user's rows. */
function startExport(prefer: string) {
  const body = JSON.stringify({
    export_type: "access_logs",
    format: "csv",
    start_date: "2020-01-01",
    end_date: "2100-01-01",
    filters: { ip_address: "203.0.113.42", session_id: "secret-session" },
  });
  const headers = { authorization: `Bearer ${keys.operator}`, "content-type": "application/json", prefer };
  return askRest(paths, { method: "POST", path: "/export", headers, body });
}

const secretsIn = (text: string) => SECRETS.filter((secret) => text.includes(secret));

test("A viewer finds no address, browser or session in any REST response; an operator does", async () => {
  const started = await startExport("wait=0");
  expect(started.status, started.text).toBe(202);
  const { job_id } = JSON.parse(started.text) as { job_id: string };
  for (const [path, seen] of [
    ["/access-logs", SECRETS],
    ["/user-activities", ["203.0.113.42", "SecretBrowser/1.0", "secret-session"]],
    ["/dead-letters", ["203.0.113.42", "SecretBrowser/1.0", "secret-session"]],
    ["/jobs", ["203.0.113.42", "secret-session"]],
    [`/jobs/${job_id}`, ["203.0.113.42", "secret-session"]],
  ] as const) {
    for (const role of ["operator", "viewer"] as const) {
      const { status, text } = await get(role, path);
      expect(status).toBe(200);
      expect([path, role, secretsIn(text)]).toEqual([path, role, role === "viewer" ? [] : seen]);
    }
  }
  expect((await get("viewer", "/access-logs")).text).toContain('"203.0.113.***"');
});

test("A viewer finds none of them in the response of any tRPC procedure", async () => {
  const { items } = await trpc("operator").logs.page({ table: "access_logs" });
  const [row] = items;
  const key = { table: "access_logs" as const, created_at: row?.created_at ?? "", id: row?.id ?? "" };
  const session_id = "secret-session";
  for (const [role, sees] of [
    ["operator", true],
    ["viewer", false],
  ] as const) {
    const api = trpc(role);
    const answers = [
      await api.logs.page({ table: "access_logs" }),
      await api.logs.row(key),
      await api.deadLetters.list({}),
      await api.jobs.list({}),
    ];
    expect(answers.map((answer) => secretsIn(JSON.stringify(answer)).length > 0)).toEqual(answers.map(() => sees));
    for (const call of [
      () => api.logs.context({ ...key, session_id }),
      () => api.logs.values({ table: "access_logs", column: "ip_address" }),
      () => api.logs.values({ table: "access_logs", column: "session_id" }),
      () => api.logs.values({ table: "access_logs", column: "user_agent" }),
    ]) {
      if (sees) expect(secretsIn(JSON.stringify(await call()))).not.toEqual([]);
      else await expect(call()).rejects.toThrow("masked for viewers");
    }
  }
});

test("A viewer is suggested no members of JSON columns, and no values of them or of fields derived from masked ones", async () => {
  const viewer = trpc("viewer");
  expect(await viewer.logs.members({ table: "access_logs" })).toEqual({ members: [] });
  for (const column of ["extra.ip", "is_bot", "referer_host"])
    await expect(viewer.logs.values({ table: "access_logs", column })).rejects.toThrow("masked for viewers");
  const filters = { ip_address: "203.0.113.42" };
  await expect(viewer.logs.values({ table: "access_logs", column: "city", filters })).rejects.toThrow(
    "masked for viewers",
  );
  expect(await viewer.logs.values({ table: "access_logs", column: "route" })).not.toEqual({ values: [] });
});

test("A viewer finds none of them in the export list, manifests or watched export jobs", async () => {
  const stop = new AbortController();
  const worker = runJobs(ctx, { export: runExport }, { signal: stop.signal });
  const exported = await startExport("wait=30");
  stop.abort();
  await worker;
  expect(exported.status, exported.text).toBe(200);
  const { job_id: id } = JSON.parse(exported.text) as { job_id: string };
  for (const [role, seen] of [
    ["operator", ["203.0.113.42", "secret-session"]],
    ["viewer", []],
  ] as const) {
    const api = trpc(role);
    const watched: unknown[] = [];
    for await (const jobs of await api.jobs.watch({ limit: 50 })) {
      watched.push(jobs);
      break;
    }
    const answers = {
      list: (await get(role, "/exports")).text,
      manifest: (await get(role, `/exports/${id}/manifest`)).text,
      interface: JSON.stringify(await api.exports.list({})),
      job: JSON.stringify(await api.jobs.get({ id })),
      jobs: JSON.stringify(watched),
    };
    for (const [name, text] of Object.entries(answers)) {
      expect([role, name, text.includes("ip_address"), secretsIn(text)]).toEqual([role, name, true, seen]);
      // For a file with otherwise known content, each of them would reveal the address within a network of 256.
      const revealed = [...text.matchAll(/"(?:sha256|size_bytes)": ?("\w+"|\d+|null)/g)].map((match) => match[1]);
      expect([role, name, revealed.length > 0, revealed.some((value) => value !== "null")]).toEqual([
        role,
        name,
        true,
        role === "operator",
      ]);
    }
  }
});

test("A viewer cannot infer them from the bytes freed by removed exports, in jobs and scheduled tasks", async () => {
  const jobId = crypto.randomUUID();
  await ctx.db.sql`
    insert into jobs (id, kind, params, progress, requested_by, requester, status, started_at, finished_at, result)
    values (
      ${jobId}, 'scheduled_task', '{"task":"export_files_cleanup"}', '{"done":0,"total":null,"phase":"starting"}', 'schedule', 'system', 'completed', now(), now(),
      '{"matched_count":1,"deleted_count":1,"freed_bytes":7890123}'
    )`;
  await ctx.db.sql`
    insert into scheduled_task_runs (task, due_at, trigger, job_id)
    values ('export_files_cleanup', now(), 'schedule', ${jobId})`;
  for (const [role, freed] of [
    ["operator", 7_890_123],
    ["viewer", 8 * 1024 * 1024],
  ] as const) {
    const api = trpc(role);
    const answers = {
      job: (await get(role, `/jobs/${jobId}`)).text,
      tasks: (await get(role, "/scheduled-tasks/status")).text,
      taskOfPage: JSON.stringify(await api.schedules.status()),
      runs: JSON.stringify(await api.schedules.runs({ name: "export_files_cleanup" })),
    };
    for (const [name, text] of Object.entries(answers)) {
      const shown = [...text.matchAll(/"freed_bytes": ?(\d+)/g)].map((match) => Number(match[1]));
      expect([role, name, shown]).toEqual([role, name, [freed]]);
    }
  }
});

test("A viewer finds none of them in archives and cleanup previews", async () => {
  const rows = [{ ip_address: "203.0.113.42", request_path: "/old", created_at: "2020-01-01T00:00:00Z" }];
  await insertAccessLogs(ctx, rows);
  const run = {
    id: crypto.randomUUID(),
    requestedBy: "admin",
    attempt: 1,
    fence: UNFENCED,
    signal: new AbortController().signal,
  };
  const params = { task_type: "access_logs", days_to_keep: 90, dry_run: false, archive: true } as const;
  await runCleanup(ctx, { ...run, progress: () => {}, params: { ...params, keep_restored: false } });
  await insertAccessLogs(ctx, [{ ...rows[0], request_path: "/older" }]);
  for (const role of ["operator", "viewer"] as const) {
    const { items } = JSON.parse((await get(role, "/archives")).text) as { items: { sha256: string | null }[] };
    const [inPage] = (await trpc(role).retention.archives({})).items;
    for (const archive of [items[0], inPage]) {
      expect(archive).toMatchObject({ rows: 1 });
      const hidden = { size_bytes: null, sha256: null };
      if (role === "viewer") expect(archive).toMatchObject(hidden);
      else expect(archive).toMatchObject({ size_bytes: expect.any(Number), sha256: expect.any(String) });
    }
    const { policies } = await trpc(role).retention.outlook();
    const policy = policies.find(({ task_type }) => task_type === "access_logs");
    const revealed = [
      policy?.archive?.estimated_bytes ?? 0,
      ...(policy?.months ?? []).map((month) => month.matched_bytes),
    ];
    expect(revealed.some((bytes) => bytes > 0)).toBe(true);
    expect([role, revealed.every((bytes) => bytes % (1024 * 1024) === 0)]).toEqual([role, role === "viewer"]);
  }
});

test("A viewer cannot guess a masked value: no list, count, histogram or tail accepts it as a filter", async () => {
  const attempts = {
    ip_address: "203.0.113.0/24",
    not_ip_address: "203.0.113.42",
    session_id: "secret-session",
    not_session_id: "x",
  };
  const table = "access_logs" as const;
  for (const [name, value] of Object.entries(attempts)) {
    const { status, text } = await get("viewer", "/access-logs", `${name}=${encodeURIComponent(value)}`);
    expect(status).toBe(403);
    expect(JSON.parse(text)).toMatchObject({ errors: [{ path: name }] });
    expect((await get("operator", "/access-logs", `${name}=${encodeURIComponent(value)}`)).status).toBe(200);
    const filters = { [name]: value };
    const api = trpc("viewer");
    await expect(api.logs.page({ table, filters })).rejects.toThrow("masked for viewers");
    await expect(api.logs.count({ table, filters, mode: "exact" })).rejects.toThrow("masked for viewers");
    await expect(api.logs.histogram({ table, filters })).rejects.toThrow("masked for viewers");
    const tail = logReader(ctx, { ...admin, role: "viewer" }).tail(table, { filters }, new AbortController().signal);
    await expect(tail.next()).rejects.toThrow("masked for viewers");
  }
});

test("A result cached for one role is never returned to another", async () => {
  const orders = [
    ["operator", "viewer", "admin"],
    ["viewer", "operator", "viewer"],
  ] as const;
  for (const order of orders) {
    for (const role of order) {
      const { text } = await get(role, "/access-logs", `page_size=${10 + orders.indexOf(order)}`);
      expect([role, secretsIn(text).length > 0]).toEqual([role, role !== "viewer"]);
    }
  }
});

test("The masked columns that administrators choose apply from the next request and are audited; other roles cannot change them", async () => {
  expect((await privacySettings(ctx)).masked_columns).toEqual(["session_id", "ip_address", "user_agent"]);
  await changePrivacy(ctx, admin, { masked_columns: ["session_id"] });
  const { text } = await get("viewer", "/access-logs", "page_size=7");
  expect(secretsIn(text)).toEqual(["203.0.113.42", "2001:db8:1:2::42", "SecretBrowser/1.0"]);
  expect((await get("viewer", "/access-logs", "ip_address=203.0.113.42")).status).toBe(200);
  expect((await get("viewer", "/access-logs", "session_id=secret-session")).status).toBe(403);
  await changePrivacy(ctx, admin, { masked_columns: [] });
  expect(secretsIn((await get("viewer", "/access-logs", "page_size=7")).text)).toEqual(SECRETS);
  expect(secretsIn((await get("viewer", "/dead-letters")).text)).not.toEqual([]);
  const audited = await ctx.db.sql`select details from audit_log where action = 'privacy.change' order by created_at`;
  expect(audited.map(({ details }) => details)).toEqual([{ masked_columns: ["session_id"] }, { masked_columns: [] }]);
  for (const role of ["viewer", "operator"] as const) {
    await expect(trpc(role).privacy.change({ masked_columns: [] })).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(trpc(role).privacy.settings()).rejects.toMatchObject({ code: "FORBIDDEN" });
  }
});
