import type { ErrorValue } from "@/server/catalog/errors";
import { LOCKS } from "@/server/db/advisory-locks";
import type { Transaction } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { lockTransaction } from "@/server/db/silent-sessions";
import { instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import type { RuleName, RuleSetting } from "./contract";
import { type Facts, readFacts } from "./facts";
import { isRuleName, ruleOf } from "./rules";
import { ruleSettings } from "./settings";
import type { Notice, NoticeEvent } from "./types";
import { queueNotice } from "./webhooks/queue-notice";

/** The interval at which a firing alert is notified again, and the minimum interval for one that fires again. */
export const REPEAT_MS = 3_600_000;

interface OpenAlert {
  readonly id: string;
  readonly rule: string;
  readonly subject: string;
  readonly state: "pending" | "firing" | "acknowledged";
  readonly value: number;
  readonly threshold: number;
  readonly since: string;
  readonly clear_since: string | null;
  readonly notified_at: string | null;
  readonly cause: ErrorValue | null;
}

/** Evaluates every rule, and opens, updates or resolves its alerts. */
export async function evaluateAlerts(ctx: Context, knownFacts?: Facts): Promise<void> {
  const facts = knownFacts ?? (await readFacts(ctx));
  const settings = await ruleSettings(ctx);
  await ctx.db.sql.begin(async (tx) => {
    await lockTransaction(tx, LOCKS.alerts);
    const open = await tx<OpenAlert[]>`
      select id, rule, subject, state, value, threshold, since, clear_since, notified_at, cause
      from alerts
      where state <> 'resolved'`;
    for (const alert of open) if (!isRuleName(alert.rule)) await end(ctx, tx, alert, null);
    for (const setting of settings) {
      const own = open.filter(({ rule }) => rule === setting.rule);
      if (setting.enabled) await evaluateRule(ctx, tx, setting, own, facts);
      else for (const alert of own) await end(ctx, tx, alert, null);
    }
  });
}

async function evaluateRule(
  ctx: Context,
  tx: Transaction,
  setting: RuleSetting,
  open: readonly OpenAlert[],
  facts: Facts,
): Promise<void> {
  const samples = ruleOf(setting.rule).samples(facts);
  if (samples === null) return;
  for (const { subject, value } of samples) {
    if (value === null) continue;
    const alert = open.find((one) => one.subject === subject);
    if (value > setting.threshold) await update(ctx, tx, setting, alert, { subject, value }, facts);
    else if (alert) await clear(ctx, tx, setting, alert);
  }
  for (const alert of open) {
    if (!samples.some(({ subject }) => subject === alert.subject)) await clear(ctx, tx, setting, alert);
  }
}

/** Handles a value above the threshold: pending for the rule's `pending` seconds and until `isProven`, then firing. */
async function update(
  ctx: Context,
  tx: Transaction,
  { rule, threshold, severity, pending_seconds }: RuleSetting,
  alert: OpenAlert | undefined,
  { subject, value }: { subject: string; value: number },
  facts: Facts,
): Promise<void> {
  const now = ctx.now();
  const at = now.toISOString();
  const cause = ruleOf(rule).cause?.(facts, subject) ?? null;
  const causeText = cause && JSON.stringify(cause);
  const [row] = alert
    ? await tx<{ id: string; since: string }[]>`
        update alerts set
          value = ${value}, threshold = ${threshold}, clear_since = null, cause = ${causeText}::text::jsonb
        where id = ${alert.id}
        returning id, since`
    : await tx<{ id: string; since: string }[]>`
        insert into alerts (rule, subject, severity, state, value, threshold, since, cause)
        values (${rule}, ${subject}, ${severity}, 'pending', ${value}, ${threshold}, ${at}, ${causeText}::text::jsonb)
        returning id, since`;
  if (!row) return;
  const notice: Notice = { rule, subject, severity, value, threshold, since: toIsoMicroseconds(row.since), cause };
  const state = alert?.state ?? "pending";
  const since = new Date(row.since);
  const isDue = now.getTime() - since.getTime() >= pending_seconds * 1_000;
  if (state === "pending" && isDue && (ruleOf(rule).isProven?.(facts, subject, since) ?? true)) {
    await tx`update alerts set state = 'firing', fired_at = ${at} where id = ${row.id}`;
    await notify(ctx, tx, row.id, "firing", notice, await lastNotified(tx, rule, subject));
  } else if (state === "firing") {
    await notify(ctx, tx, row.id, "still_firing", notice, alert?.notified_at ?? null);
  }
}

/** Handles a value below the threshold: resolves after the clear time. */
async function clear(
  ctx: Context,
  tx: Transaction,
  { clear_seconds, severity }: RuleSetting,
  alert: OpenAlert,
): Promise<void> {
  const now = ctx.now();
  const since = alert.clear_since ?? now.toISOString();
  if (alert.state === "pending" || now.getTime() - Date.parse(since) >= clear_seconds * 1_000) {
    await end(ctx, tx, alert, severity);
  } else {
    // The value remains the last one above the threshold: an alert with a value below its threshold would be confusing.
    await tx`update alerts set clear_since = ${since} where id = ${alert.id}`;
  }
}

/** @param severity null when the resolution is not notified: the rule is disabled or removed */
async function end(
  ctx: Context,
  tx: Transaction,
  alert: OpenAlert,
  severity: Notice["severity"] | null,
): Promise<void> {
  if (alert.state === "pending") {
    await tx`delete from alerts where id = ${alert.id}`;
    return;
  }
  await tx`
    update alerts set state = 'resolved', resolved_at = ${ctx.now().toISOString()}, clear_since = null
    where id = ${alert.id}`;
  const deliveries = await tx`select 1 from alert_deliveries where alert_id = ${alert.id} limit 1`;
  if (severity === null || deliveries.count === 0 || !isRuleName(alert.rule)) return;
  const { rule, subject, value, threshold, cause } = alert;
  await queueNotice(tx, ctx, alert.id, "resolved", {
    rule,
    subject,
    severity,
    value,
    threshold,
    since: toIsoMicroseconds(alert.since),
    cause,
  });
}

/** When any alert of the same rule and subject was last notified. */
async function lastNotified(tx: Transaction, rule: RuleName, subject: string): Promise<string | null> {
  const [last] = await tx<{ at: string | null }[]>`
    select max(notified_at) as at from alerts where rule = ${rule} and subject = ${subject}`;
  return last?.at ?? null;
}

async function notify(
  ctx: Context,
  tx: Transaction,
  id: string,
  event: NoticeEvent,
  notice: Notice,
  last: string | null,
): Promise<void> {
  const now = ctx.now();
  const isTooSoon = last !== null && now.getTime() - Date.parse(last) < REPEAT_MS;
  await tx`update alerts set notified_at = ${isTooSoon ? last : instantOf(now)} where id = ${id}`;
  if (!isTooSoon) await queueNotice(tx, ctx, id, event, notice);
}
