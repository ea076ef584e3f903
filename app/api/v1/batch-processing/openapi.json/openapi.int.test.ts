import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, expect, it } from "vitest";
import { logTableList } from "@/server/catalog";
import { provideContext } from "@/server/process/context";
import { openApiDocument } from "@/server/rest";
import { createApiKey } from "@/server/services/accounts";
import { createDashboard } from "@/server/services/dashboards";
import { dashboardInput } from "@/server/services/dashboards/contract";
import { listDeadLetters } from "@/server/services/dead-letters";
import { listExports, runExport } from "@/server/services/exports";
import { insertAccessLogs, insertUserActivities } from "@/server/services/intake";
import { cancelJob, runJobs, startJob, UNFENCED } from "@/server/services/jobs";
import { saveMapping } from "@/server/services/mappings";
import { listArchives, runCleanup } from "@/server/services/retention";
import { POLICY_IDS } from "@/server/services/retention-policies/contract";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { askRest, makeResponseCheck, operationsOf } from "@/server/testing/rest";
import { jobHandlers } from "@/server/worker/jobs";
import { documentedPaths } from "./route-files";

const JSON_TYPE = { "content-type": "application/json" };

const paths = await documentedPaths();

let test: TestContext;
let authorization: string;

beforeAll(async () => {
  test = await createTestContext();
  provideContext(test.context);
  authorization = `Bearer ${(await createApiKey(test.context, { name: "admin", role: "admin" })).key}`;
});
afterAll(() => test.close());

it("The document names every route file on disk, and no other", () => {
  const folder = path.dirname(import.meta.dirname);
  const onDisk = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => path.basename(file) === "route.ts")
    .map((file) => `/${path.dirname(file)}`.replace(/\[(\w+)\]/g, "{$1}"));
  const own = Object.keys(paths).filter((template) => !template.startsWith("/api/"));
  expect(own.sort()).toEqual(onDisk.sort());
  // A route records its durations under its own path.
  for (const [template, handlers] of Object.entries(paths)) expect(handlers.GET.template).toBe(template);
});

it("The document is OpenAPI 3.1, and the same over HTTP", async () => {
  const document = openApiDocument(paths);
  const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(document)));
  expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  const { status, text } = await askRest(paths, { method: "GET", path: "/openapi.json", headers: { authorization } });
  expect(status).toBe(200);
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(document)));
});

it("Every response of a running system conforms to the document", async () => {
  const { context } = test;
  const logs = Array.from({ length: 3 }, (_, i) => ({
    ip_address: `10.0.0.${i}`,
    request_path: "/",
    extra_field: [i],
  }));
  await insertAccessLogs(context, [...logs, { user_agent: "curl" }]);
  await insertUserActivities(context, [{ user_id: "1", action: "login", details: { a: [1] } }, { user_id: 1 }, {}]);
  const [first, second] = (await listDeadLetters(context, { limit: 10 })).items;

  const principal = { kind: "system", id: "test", name: "test", role: "admin" } as const;
  const job = await startJob(context, "scheduled_task", { task: "nothing" }, { principal });
  await cancelJob(context, job.job_id, principal);

  const run = () => ({
    id: randomUUID(),
    requestedBy: "test",
    attempt: 1,
    signal: new AbortController().signal,
    fence: UNFENCED,
    progress: () => {},
  });
  const makeExport = () =>
    runExport(context, {
      ...run(),
      params: { export_type: "access_logs", format: "csv", filters: {}, compress: "none", bom: false },
    });
  const finished = await makeExport();
  await makeExport();
  await insertAccessLogs(context, [{ ...logs[0], created_at: "2020-01-01T00:00:00Z" }]);
  await runCleanup(context, {
    ...run(),
    params: { task_type: "access_logs", days_to_keep: 90, dry_run: false, archive: true, keep_restored: false },
  });
  await insertUserActivities(context, [{ user_id: "1", action: "login", created_at: "2020-01-01T00:00:00Z" }]);
  await runCleanup(context, {
    ...run(),
    params: { task_type: "user_activities", days_to_keep: 180, dry_run: false, archive: true, keep_restored: false },
  });
  const [deletedArchive, archive] = (await listArchives(context, { limit: 2 })).items;
  const [deletable, remaining] = (await listExports(context, { limit: 2 })).items;

  const [alert] = await context.db.sql<{ id: string }[]>`
    insert into alerts (rule, subject, severity, state, value, threshold, since, fired_at)
    values ('queue_length', 'access_logs', 'warning', 'firing', 10001, 10000, now(), now())
    returning id`;

  const json = (body: unknown) => ({ body: JSON.stringify(body), headers: JSON_TYPE });
  const events = {
    "access-logs": { ip_address: "::1", request_path: "/" },
    "user-activities": { user_id: "1", action: "a" },
  };
  const hour = (at: string) => ({ start: `${at}:00:00Z`, end: `${at}:59:59Z` });
  const dashboard = {
    name: "Traffic",
    visibility: "view",
    content: {
      range: { last: "24h" },
      filter: "",
      panels: [{ id: "a", title: "Requests", view: "line", x: 0, y: 0, w: 12, h: 6, query: { table: "access_logs" } }],
    },
  };
  const input = dashboardInput.parse(dashboard);
  const [kept, removed] = await Promise.all([1, 2].map(() => createDashboard(context, principal, input)));
  await saveMapping(context, principal, { name: "edge", table: "access_logs", expression: "$remote_addr $request" });
  const rule = { id: randomUUID(), name: "Probes", action: "drop", filter: "request_path:/probe" };
  /** The requests for each operation; a new operation needs an entry. */
  const requests: Record<string, { path?: string; query?: string; body?: string; headers?: Record<string, string> }[]> =
    {
      getAccessLogs: [{ query: "page_size=1&count=exact" }, { query: "page_size=2" }, { query: "status_code=abc" }],
      getUserActivities: [{}, { query: "page=2&count=estimate" }, { query: "cursor=AAAA" }],
      getTimeline: [{ query: "user_id=u1&page_size=1" }, {}, { query: "user_id=u1&cursor=AAAA" }],
      getTimelineExport: [{ query: "user_id=u1&format=ndjson" }, { query: "user_id=u1&format=excel" }],
      postAccessLogs: [
        json([events["access-logs"], {}]),
        { query: "mode=direct", ...json({ items: [events["access-logs"]] }) },
      ],
      postUserActivities: [
        { query: "mode=direct&file_name=a.json", ...json(events["user-activities"]) },
        json("7"),
        { body: "x", headers: {} },
      ],
      getAlerts: [{}, { query: "state=open&limit=1" }, { query: "cursor=x" }, { query: "state=x" }],
      postAlertsIdAcknowledge: [
        { path: `/alerts/${alert?.id}/acknowledge` },
        { path: `/alerts/${randomUUID()}/acknowledge` },
      ],
      postCleanup: [
        json({ task_type: "access_logs", days_to_keep: 90, dry_run: true }),
        json({ task_type: "user_activities", days_to_keep: 0 }),
        json({ task_type: "access_logs", days_to_keep: -1 }),
      ],
      getArchives: [{}, { query: "table=access_logs&month=2020-01&limit=1" }, { query: "month=x" }],
      postArchivesIdVerify: [{ path: `/archives/${archive?.id}/verify` }, { path: `/archives/${randomUUID()}/verify` }],
      getArchivesIdDownload: [
        { path: `/archives/${archive?.id}/download` },
        { path: `/archives/${archive?.id}/download`, headers: { range: "bytes=3-" } },
        { path: `/archives/${archive?.id}/download`, headers: { range: "bytes=999999-" } },
        { path: `/archives/${randomUUID()}/download` },
      ],
      postArchivesIdRestore: [
        { path: `/archives/${archive?.id}/restore`, ...json({}) },
        { path: `/archives/${archive?.id}/restore`, ...json({ keep_until: "2020-01-01" }) },
      ],
      postArchivesRestore: [
        json({ start_date: "2020-01-01", end_date: "2020-01-31" }),
        json({ archive_ids: [randomUUID()] }),
        json({}),
      ],
      deleteArchivesId: [{ path: `/archives/${deletedArchive?.id}` }, { path: `/archives/${randomUUID()}` }],
      getAudit: [{}, { query: "action=export.*&result=ok&page_size=2" }, { query: "cursor=x" }, { query: "at=x" }],
      getAuditExport: [{ query: "result=ok&bom=true" }, { query: "start_date=x" }],
      getDeadLetters: [{}, { query: "limit=1&queue=user_activities" }],
      getDeadLettersId: [
        { path: `/dead-letters/${first?.id}` },
        { path: "/dead-letters/0b0e7a52-6b0f-4b60-9a52-5d6c6b2f1c11" },
      ],
      postDeadLettersReplay: [json({ ids: [first?.id] }), json({ ids: ["0b0e7a52-6b0f-4b60-9a52-5d6c6b2f1c11"] })],
      postDeadLettersReplayGroup: [
        {
          ...json({
            queue: "user_activities",
            error: second?.error,
            changes: [{ change: "replace", find: "a", replace: "b" }],
          }),
          headers: { ...JSON_TYPE, prefer: "wait=20" },
        },
        json({ queue: "access_logs", error: "none like this" }),
        json({ queue: "access_logs", error: "x", changes: [{ change: "date", field: "a", format: "HH" }] }),
      ],
      postDeadLettersReplayGroupPreview: [
        json({ queue: "user_activities", error: second?.error, map: "user_id=who,action=what" }),
        json({ queue: "user_activities", error: "x", map: "who" }),
      ],
      deleteDeadLetters: [json({ ids: [second?.id] }), json({})],
      postExport: [
        json({ export_type: "access_logs", format: "csv", columns: ["colour"] }),
        { ...json({ export_type: "access_logs", format: "excel" }), headers: { ...JSON_TYPE, prefer: "wait=0" } },
        { ...json({ export_type: "access_logs", format: "csv" }), headers: { ...JSON_TYPE, prefer: "wait=20" } },
      ],
      postQuery: [
        json({ table: "access_logs", group_by: ["route"], interval: "auto", compare: "previous" }),
        json({ table: "nothing" }),
      ],
      postQueryChanges: [
        json({ table: "access_logs", window: hour("2026-01-01T01"), baseline: hour("2026-01-01T00") }),
        json({ table: "access_logs" }),
      ],
      getDashboards: [{}],
      getDashboardsId: [{ path: `/dashboards/${kept?.id}` }, { path: `/dashboards/${randomUUID()}` }],
      postDashboards: [json(dashboard), json({ ...dashboard, name: "" })],
      putDashboardsId: [
        { path: `/dashboards/${kept?.id}`, ...json({ ...dashboard, visibility: "edit", version: 1 }) },
        { path: `/dashboards/${kept?.id}`, ...json({ ...dashboard, visibility: "edit", version: 1 }) },
      ],
      deleteDashboardsId: [{ path: `/dashboards/${removed?.id}` }, { path: "/dashboards/x" }],
      postExportPreview: [json({ export_type: "access_logs", format: "csv" }), json({ export_type: "nothing" })],
      getExports: [{}, { query: "cursor=x" }],
      getExportsIdManifest: [{ path: `/exports/${remaining?.export_id}/manifest` }, { path: "/exports/x/manifest" }],
      getDownload: [
        { query: `file_path=${finished.file_path}` },
        { query: `file_path=${finished.file_path}`, headers: { range: "bytes=3-" } },
        { query: `file_path=${finished.file_path}`, headers: { range: "bytes=999999-" } },
        { query: "file_path=/etc/passwd" },
      ],
      deleteExportsId: [{ path: `/exports/${deletable?.export_id}` }, { path: `/exports/${randomUUID()}` }],
      getImports: [{}, { query: "table=user_activities&limit=1" }, { query: "cursor=x" }],
      getImportsId: [{ path: "/imports/1" }, { path: "/imports/999" }, { path: "/imports/x" }],
      deleteImportsId: [{ path: "/imports/1", headers: { prefer: "wait=20" } }, { path: "/imports/999" }],
      getIntakeRules: [{}],
      putIntakeRulesTable: [
        { path: "/intake-rules/access_logs", ...json({ version: 0, rules: [rule] }) },
        { path: "/intake-rules/access_logs", ...json({ version: 0, rules: [] }) },
        { path: "/intake-rules/access_logs", ...json({ version: 1, rules: [{ ...rule, filter: "colour:red" }] }) },
      ],
      postIntakeRulesTest: [json({ table: "access_logs", rule }), json({ table: "access_logs", rule: {} })],
      getMappings: [{}],
      putMappingsName: [
        { path: "/mappings/edge", ...json({ table: "access_logs", expression: "$remote_addr $request" }) },
        { path: "/mappings/edge", ...json({ table: "access_logs", expression: "$remote_addr$request" }) },
        { path: "/mappings/caddy", ...json({ table: "access_logs", expression: "$remote_addr $request" }) },
      ],
      getMappingsName: [{ path: "/mappings/edge" }, { path: "/mappings/other" }],
      deleteMappingsName: [{ path: "/mappings/edge" }, { path: "/mappings/edge" }],
      getJobs: [{}, { query: "kind=export&status=queued&limit=1" }, { query: "kind=nothing" }],
      getJobsId: [{ path: `/jobs/${job.job_id}` }, { path: "/jobs/0b0e7a52-6b0f-4b60-9a52-5d6c6b2f1c11" }],
      deleteJobsId: [{ path: `/jobs/${job.job_id}` }, { path: "/jobs/x" }],
      getQueueStatus: [{}],
      getQueuesNameEvents: [{ path: "/queues/access_logs/events" }, { path: "/queues/x/events" }],
      getQueuesNameMapping: [{ path: "/queues/access_logs/mapping" }, { path: "/queues/x/mapping" }],
      putQueuesNameMapping: [
        { path: "/queues/user_activities/mapping", ...json({ map: "user_id=who,action=what" }) },
        { path: "/queues/access_logs/mapping", ...json({ map: "w3c" }) },
        { path: "/queues/access_logs/mapping", ...json({}) },
      ],
      postQueuesNameMappingPreview: [
        { path: "/queues/access_logs/mapping/preview", ...json({ map: "$remote_addr $request" }) },
        { path: "/queues/access_logs/mapping/preview", ...json({ map: null, limit: 1_000 }) },
      ],
      postQueuesNameAction: [
        { path: "/queues/access_logs/pause" },
        { path: "/queues/access_logs/resume" },
        { path: "/queues/x/y" },
      ],
      getRetentionPolicies: [{}],
      putRetentionPoliciesId: [
        { path: "/retention-policies/archives", ...json({ days: 365 }) },
        { path: "/retention-policies/access_logs", ...json({ days: 3651 }) },
        { path: "/retention-policies/x", ...json({ days: 1 }) },
      ],
      deleteRetentionPoliciesId: [{ path: "/retention-policies/archives" }],
      postRetentionPoliciesPreview: [
        json({ policies: POLICY_IDS.map((id) => ({ id, days: 30 })) }),
        json({ policies: [] }),
      ],
      getScheduledTasksStatus: [{}],
      postScheduledTasksNameRun: [{ path: "/scheduled-tasks/health_check/run" }, { path: "/scheduled-tasks/x/run" }],
      getStorage: [{}],
      getStorageProposal: [{ query: "place=shared&bytes=1000000000" }, { query: "place=shared&bytes=0" }],
      getTableStatsTable: [{ path: "/table-stats/access_logs" }, { path: "/table-stats/user_activity_logs" }],
      getOpenapiJson: [{}],
      postApiCollectElasticsearchBulk: [
        { body: `{"create":{}}\n${JSON.stringify(logs[0])}\n{"create":{}}\n{}\n` },
        { body: "x", query: "mode=direct" },
        { query: "mode=x" },
      ],
      getApiCollectElasticsearchPath: [
        { path: "/api/collect/elasticsearch/" },
        { path: "/api/collect/elasticsearch/_license" },
        { path: "/api/collect/elasticsearch/_nothing" },
      ],
      postApiCollectElasticsearchPath: [{ path: "/api/collect/elasticsearch/_aliases" }],
      putApiCollectElasticsearchPath: [{ path: "/api/collect/elasticsearch/_index_template/logs" }],
      postApiCollectLokiApiVPush: [
        json({ streams: [{ stream: { job: "nginx" }, values: [["1700000000000000000", JSON.stringify(logs[0])]] }] }),
      ],
      postApiCollectOtlpVLogs: [
        json({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: JSON.stringify(logs[0]) } }] }] }] }),
        json([]),
      ],
      putApiCollectElasticsearchBulk: [{ body: "" }, { body: "", headers: { "content-encoding": "br" } }],
      postApiCollectSplunkServicesCollector: [json({ event: logs[0] }), json({}), json({ event: 1 })],
      postApiCollectSplunkServicesCollectorRaw: [{ body: "text" }, { body: "" }],
    };

  // Every log table has these two.
  for (const { path: folder } of logTableList) {
    const name = folder.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
    requests[`get${name}`] ??= [{}];
    requests[`post${name}`] ??= [{ query: "mode=direct", ...json({}) }];
  }

  const operations = operationsOf(paths);
  expect(operations.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(requests).sort());
  const check = makeResponseCheck(openApiDocument(paths));
  const worker = new AbortController();
  const working = runJobs(context, jobHandlers, { signal: worker.signal });
  for (const operation of operations) {
    const seen: number[] = [];
    for (const { path: at = operation.path, headers, ...request } of requests[operation.operationId] ?? []) {
      const sent = { method: operation.method, path: at, ...request, headers: { authorization, ...headers } };
      const answer = await askRest(paths, sent);
      expect({ sent, text: answer.text, problems: check(operation, answer) }).toMatchObject({ problems: [] });
      seen.push(answer.status);
    }
    expect(
      seen.some((status) => status === 200 || status === 204),
      operation.operationId,
    ).toBe(true);
  }
  worker.abort();
  await working;
});
