import { randomUUID } from "node:crypto";
import { instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { REPEAT_MS } from "./evaluate";
import { alertRules } from "./rules";
import { ruleSettings } from "./settings";
import type { Notice } from "./types";
import { attemptDelivery, BACK_OFF, type WebhookTarget } from "./webhooks/deliver";
import { allTargets } from "./webhooks/manage";

const CACHE_MS = 60_000;

/** A pending message in memory. */
interface PendingMessage {
  readonly id: string;
  readonly target: WebhookTarget;
  attempts: number;
  dueAt: number;
}

/** An outage of PostgreSQL. */
interface Outage {
  readonly since: Date;
  firedAt: Date | null;
  isNotified: boolean;
  pending: PendingMessage[];
}

/**
 * Handles the one alert that cannot be stored while it fires: PostgreSQL is unreachable. The leader sends it to the
 * webhooks that it has cached, and stores it when PostgreSQL is back.
 */
export function makeDatabaseAlarm() {
  const { severity, pending } = alertRules.database_unreachable;
  let targets: readonly WebhookTarget[] = [];
  let isEnabled = true;
  let cachedAt = Number.NEGATIVE_INFINITY;
  let notifiedAt = Number.NEGATIVE_INFINITY;
  let outage: Outage | null = null;

  const noticeOf = (since: Date): Notice => ({
    rule: "database_unreachable",
    subject: "",
    severity,
    value: 1,
    threshold: 0,
    since: instantOf(since),
  });

  /** Sends notifications, at most once an hour for repeated outages. */
  const notify = (current: Outage, now: number) => {
    if (now - notifiedAt < REPEAT_MS) return;
    notifiedAt = now;
    current.isNotified = true;
    current.pending = targets.map((target) => ({ id: randomUUID(), target, attempts: 0, dueAt: now }));
  };

  const send = async (ctx: Context, current: Outage, message: PendingMessage) => {
    const event = current.firedAt !== null && current.firedAt.getTime() < notifiedAt ? "still_firing" : "firing";
    const problem = await attemptDelivery(ctx, message.target, {
      id: message.id,
      event,
      notice: noticeOf(current.since),
    });
    const wait = BACK_OFF[message.attempts];
    if (problem === null || wait === undefined) {
      current.pending = current.pending.filter((other) => other !== message);
    }
    if (problem === null || wait === undefined) return;
    message.attempts++;
    message.dueAt = ctx.now().getTime() + wait * 1_000;
  };

  return {
    /** Call each time the leader cannot reach PostgreSQL. */
    async unreachable(ctx: Context): Promise<void> {
      const now = ctx.now().getTime();
      outage ??= { since: ctx.now(), firedAt: null, isNotified: false, pending: [] };
      const current = outage;
      if (!isEnabled || now - current.since.getTime() < pending * 1_000) return;
      if (current.firedAt === null) {
        current.firedAt = ctx.now();
        ctx.log.error({ since: current.since, webhooks: targets.length }, "PostgreSQL is unreachable");
      }
      notify(current, now);
      await Promise.all(
        current.pending.filter(({ dueAt }) => dueAt <= now).map((message) => send(ctx, current, message)),
      );
    },

    /** Call when PostgreSQL responds; the resolution is then notified like that of any alert. */
    async recovered(ctx: Context): Promise<void> {
      if (outage?.firedAt) await storeAlert(ctx, noticeOf(outage.since), outage.firedAt, outage.isNotified);
      outage = null;
      if (ctx.now().getTime() - cachedAt < CACHE_MS) return;
      targets = await allTargets(ctx);
      isEnabled = (await ruleSettings(ctx)).some(({ rule, enabled }) => rule === "database_unreachable" && enabled);
      cachedAt = ctx.now().getTime();
    },
  };
}

/** Stores the alert with its original times, and its messages, so that its resolution is notified too. */
async function storeAlert(ctx: Context, notice: Notice, firedAt: Date, isNotified: boolean): Promise<void> {
  const at = instantOf(firedAt);
  await ctx.db.sql.begin(async (tx) => {
    const [alert] = await tx<{ id: string }[]>`
      insert into alerts (rule, severity, state, value, threshold, since, fired_at, notified_at, clear_since)
      values (${notice.rule}, ${notice.severity}, 'firing', 1, 0, ${notice.since}, ${at}, ${isNotified ? at : null}, ${ctx.now().toISOString()})
      on conflict do nothing
      returning id`;
    if (!alert || !isNotified) return;
    await tx`
      insert into alert_deliveries (webhook_id, alert_id, event, notice, attempts, next_attempt_at, delivered_at)
      values (null, ${alert.id}, 'firing', ${JSON.stringify(notice)}::text::jsonb, 1, null, now())`;
  });
}
