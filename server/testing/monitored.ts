import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "vitest";
import * as alertsRoute from "@/app/api/v1/batch-processing/alerts/route";
import * as queueStatusRoute from "@/app/api/v1/batch-processing/queue-status/route";
import { type Principal, provideContext } from "@/server/process/context";
import { createApiKey } from "@/server/services/accounts";
import { changeRule } from "@/server/services/alerts";
import { evaluateAlerts } from "@/server/services/alerts/evaluate";
import { deliverNotices } from "@/server/services/alerts/webhooks/deliver";
import { createTestContext } from "./context";
import { startReceiver } from "./webhook-receiver";

export const ADMIN: Principal = { kind: "user", id: "admin", name: "Admin", role: "admin" };

type Handler = (request: Request, routed?: { params: Promise<unknown> }) => Promise<Response>;

export type Watched = Awaited<ReturnType<typeof openMonitored>>;

/**
 * Opens an installation with a controllable clock and a webhook receiver; if the test runs as root, also with a
 * one-megabyte disk for DATA_DIR.
 */
export async function openMonitored() {
  /** Offset of its clock in milliseconds. */
  let ahead = 0;
  const now = () => new Date(Date.now() + ahead);
  const receiver = await startReceiver();
  const dataDir = await mkdtemp(path.join(tmpdir(), "batch-console-alerts-"));
  const isOwnDisk = mountSmallDisk(dataDir);
  const { context: ctx, close } = await createTestContext({
    env: { ALERT_WEBHOOK_URL: receiver.url, ALERT_WEBHOOK_ALLOW_PRIVATE: "true", DATA_DIR: dataDir },
    overrides: { now },
  });
  provideContext(ctx);
  const { key } = await createApiKey(ctx, { name: "test", role: "operator" });
  await ctx.db.sql`insert into scheduled_tasks (name) values ('data_cleanup'), ('health_check')`;

  const send = async (
    handler: Handler,
    options: { method?: string; query?: string; params?: object; language?: string } = {},
  ) => {
    const { method = "GET", query = "", params = {}, language = "en" } = options;
    const request = new Request(`http://127.0.0.1:3000/x${query}`, {
      method,
      headers: { authorization: `Bearer ${key}`, "accept-language": language },
    });
    const response = await handler(request, { params: Promise.resolve(params) });
    return {
      status: response.status,
      json: (await response.json()) as { items: { rule: string; subject: string; id: string }[]; alerts: unknown[] },
    };
  };
  const notified = (rule: string, subject?: string) =>
    receiver.taken
      .filter(({ alert }) => alert.rule === rule && (subject === undefined || alert.subject === subject))
      .map(({ event }) => event);
  const open = async (rule: string, subject?: string) =>
    (await send(alertsRoute.GET, { query: "?state=open" })).json.items.filter(
      (item) => item.rule === rule && (subject === undefined || item.subject === subject),
    );
  const pass = (seconds: number) => {
    ahead += seconds * 1_000;
  };

  return {
    ctx,
    dataDir,
    now,
    send,
    /** Returns the rule's notifications received by the webhook. */
    notified,
    /** Returns the rule's unresolved alerts as returned by REST. */
    open,
    /** Advances the clock. */
    pass,
    /** Evaluates the rules after this many seconds and sends notifications. */
    async evaluate(seconds: number): Promise<void> {
      pass(seconds);
      await evaluateAlerts(ctx);
      await deliverNotices(ctx);
    },
    /**
     * Expects the alert in REST, in the queue status and at the webhook. The rule may also fire for other subjects,
     * such as a second disk.
     */
    async expectFiring(rule: string, subject: string): Promise<void> {
      expect(await open(rule, subject)).toMatchObject([
        { rule, subject, state: "firing", message: expect.any(String) },
      ]);
      expect((await send(queueStatusRoute.GET)).json.alerts).toContainEqual(expect.objectContaining({ rule, subject }));
      expect(notified(rule, subject)).toEqual(["firing"]);
    },
    async expectResolved(rule: string, subject?: string): Promise<void> {
      expect(await open(rule, subject)).toEqual([]);
      expect((await send(alertsRoute.GET, { query: "?state=resolved" })).json.items).toContainEqual(
        expect.objectContaining({ rule, state: "resolved", resolved_at: expect.any(String) }),
      );
      expect(notified(rule, subject)).toEqual(["firing", "resolved"]);
    },
    /** Fills its disk. Without its own disk, the threshold is lowered instead. @returns a function that reverts it */
    async fillDisk(): Promise<() => Promise<void>> {
      if (!isOwnDisk) {
        await changeRule(ctx, "disk_usage", { threshold: 0 }, ADMIN);
        return () => changeRule(ctx, "disk_usage", { threshold: 1 }, ADMIN);
      }
      const file = path.join(dataDir, "filling");
      await writeFile(file, Buffer.alloc(1_000_000));
      return () => rm(file);
    },
    /** Resets all alert state. */
    async reset(): Promise<void> {
      await ctx.db
        .sql`truncate alerts, alert_deliveries, log_queue, access_logs, intake_counters, metrics, archives cascade`;
      await ctx.db.sql`delete from scheduled_task_runs`;
      await ctx.db.sql`update scheduled_tasks set next_run_at = null`;
      receiver.taken.length = 0;
    },
    async close(): Promise<void> {
      await close();
      if (isOwnDisk) execFileSync("umount", [dataDir]);
      await rm(dataDir, { recursive: true, force: true });
      await receiver.close();
    },
  };
}

function mountSmallDisk(folder: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Generates access log events, of which the first `bad` are invalid. */
export const accessEvents = (count: number, bad = 0) =>
  Array.from({ length: count }, (_, index) => ({
    ip_address: "203.0.113.7",
    request_path: `/${index}`,
    ...(index < bad ? { status_code: "bad" } : {}),
  }));
