import { randomUUID } from "node:crypto";
import type { SqlExecutor } from "@/server/db/client";
import type { Context, Principal } from "@/server/process/context";
import { createApiKey, createUser, findUserId, handleAuth } from "@/server/services/accounts";
import { addWebhook, changeRule } from "@/server/services/alerts";
import { runExport } from "@/server/services/exports";
import { startJob, UNFENCED } from "@/server/services/jobs";
import { saveView } from "@/server/services/logs";
import { cleanLogTable } from "@/server/services/retention/cleanup/clean-log-table";
import { cleanupParams, fillAccessLogs, jobRun } from "./cleanup";
import { takeIn } from "./intake";

const EMAIL = "boss@example.com";
const PASSWORD = "correct horse battery";
/** Rows of this month have expired and are archived. */
const EXPIRED_MONTH = "2026-01";

/** What the user of an installation knows. */
export interface Installation {
  readonly apiKey: string;
  readonly cookie: string;
  readonly exportPath: string;
  readonly exportSha256: string;
  readonly archiveId: string;
}

/** Adds one of everything: rows, an archive, an export, a user, a key, a view, a dead letter, queued events, a job, … */
export async function fillInstallation(ctx: Context): Promise<Installation> {
  await createUser(ctx, { email: EMAIL, password: PASSWORD, role: "admin" });
  const user: Principal = { kind: "user", id: await findUserId(ctx, EMAIL), name: EMAIL, role: "admin" };
  const { key: apiKey } = await createApiKey(ctx, { name: "shipper", role: "operator" });
  await saveView(ctx, user, { table: "access_logs", name: "Errors", search: "?status_code=5xx" });
  await changeRule(ctx, "queue_length", { threshold: 77, enabled: true }, user);
  await addWebhook(
    ctx,
    { name: "Team", url: "https://hooks.example/x", format: "generic", locale: "en", secret: null },
    user,
  );

  await fillAccessLogs(ctx, [EXPIRED_MONTH], 100);
  await cleanLogTable(ctx, "access_logs", jobRun(cleanupParams({ days_to_keep: 60 })), { dropTimeout: 0 });
  await fillAccessLogs(ctx, [ctx.now().toISOString().slice(0, 7)], 500);
  await takeIn(ctx, "access_logs", ACCESS_LOGS, { format: "ndjson", fileName: "access.ndjson" });
  await takeIn(ctx, "user_activities", ACTIVITIES, { format: "ndjson" });
  await takeIn(ctx, "user_activities", QUEUED, { format: "ndjson", mode: "queued" });
  await startJob(ctx, "cleanup", cleanupParams({ dry_run: true }), { principal: user });

  const exported = await runExport(ctx, {
    id: randomUUID(),
    params: { export_type: "access_logs", format: "csv", filters: {}, compress: "none", bom: false },
    requestedBy: EMAIL,
    attempt: 1,
    signal: new AbortController().signal,
    fence: UNFENCED,
    progress: () => {},
  });
  const [archive] = await ctx.db.sql<{ id: string }[]>`select id from archives where state = 'removed'`;
  return {
    apiKey,
    cookie: (await signIn(ctx)).cookie,
    exportPath: exported.file_path,
    exportSha256: exported.sha256,
    archiveId: archive?.id ?? "",
  };
}

const ACCESS_LOGS = `{"ip_address":"203.0.113.7","request_path":"/cases","status_code":200,"extra":{"a":"\\\\N"}}
{"ip_address":"203.0.113.8","request_path":"/搜索","user_agent":"tab\\t, line\\n and \\\\"}
{"ip_address":"not one","request_path":"/cases"}
`;
const ACTIVITIES = `{"user_id":"李雷","action":"login","details":{"案由":"合同"}}\n`;
const QUEUED = `{"user_id":"queued","action":"login"}\n{"user_id":"queued","action":"logout"}\n`;

/** Signs in as the user of the installation. */
export async function signIn(ctx: Context): Promise<{ status: number; cookie: string }> {
  const origin = ctx.config.appUrl;
  const response = await handleAuth(
    ctx,
    new Request(`${origin}/api/auth/sign-in/email`, {
      method: "POST",
      headers: { "content-type": "application/json", origin, "x-forwarded-for": "192.0.2.1" },
      body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
    }),
  );
  return { status: response.status, cookie: response.headers.get("set-cookie")?.split(";")[0] ?? "" };
}

/** What a restore adapts to the new installation. */
const ADAPTED = ["store", "whole_partition", "next_run_at", "planned_from"];

/** Returns the rows of every table of a backup as text, except the columns that a restore adapts. */
export async function allRows(sql: SqlExecutor): Promise<Record<string, string[]>> {
  const tables = await sql<{ name: string }[]>`
    select relname as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and not relispartition
      and relname not in ('session', 'verification', 'rate_limit', 'workers', 'process_clocks', 'change_marks',
        'watched_changes', 'file_stores')
    order by 1`;
  const contents: Record<string, string[]> = {};
  for (const { name } of tables) {
    const rows = await sql<{ text: string }[]>`
      select (to_jsonb(one) - ${ADAPTED}::text[])::text as text from ${sql(name)} one order by 1`;
    contents[name] = rows.map(({ text }) => text);
  }
  return contents;
}
