import { randomUUID } from "node:crypto";
import type { Context } from "@/server/context";
import { instantOf } from "@/server/time";
import { trySend, type WebhookTarget } from "../webhooks/deliver";
import { allTargets } from "../webhooks/manage";
import { alertRules } from "./rules";
import { ruleSettings } from "./settings";
import type { Notice } from "./types";

const REMEMBER_MS = 60_000;

/**
 * The one alert that cannot be kept in PostgreSQL while it lasts: that PostgreSQL is away. The process that watched
 * until then tells it, to the webhooks it remembers, and writes it down when PostgreSQL is back.
 */
export function makeDatabaseAlarm() {
  const { severity, hold } = alertRules.database_away;
  let targets: readonly WebhookTarget[] = [];
  let isEnabled = true;
  let rememberedAt = Number.NEGATIVE_INFINITY;
  let awaySince: Date | null = null;
  let told: Date | null = null;

  const noticeOf = (since: Date): Notice => ({
    rule: "database_away",
    subject: "",
    severity,
    value: 1,
    threshold: 0,
    since: instantOf(since),
  });

  return {
    /** To be called when the watching process could not reach PostgreSQL. */
    async away(ctx: Context): Promise<void> {
      const now = ctx.now();
      awaySince ??= now;
      if (!isEnabled || told !== null || now.getTime() - awaySince.getTime() < hold * 1_000) return;
      told = now;
      const notice = noticeOf(awaySince);
      const message = { id: randomUUID(), event: "firing", notice } as const;
      const problems = await Promise.all(targets.map((target) => trySend(ctx, target, message)));
      ctx.log.error(
        { since: awaySince, webhooks: targets.length, undelivered: problems.filter(Boolean) },
        "PostgreSQL is away",
      );
    },

    /** To be called when PostgreSQL answers: its end is then told like that of any alert. */
    async back(ctx: Context): Promise<void> {
      if (awaySince !== null && told !== null) {
        const notice = noticeOf(awaySince);
        await ctx.db.sql.begin(async (tx) => {
          const [alert] = await tx<{ id: string }[]>`
            insert into alerts (rule, severity, state, value, threshold, since, fired_at, notified_at)
            values (
              ${notice.rule}, ${severity}, 'firing', 1, 0, ${notice.since}, ${instantOf(told ?? ctx.now())},
              ${instantOf(told ?? ctx.now())}
            )
            on conflict do nothing
            returning id`;
          if (!alert) return;
          // What was sent from memory is written down, so that its end is told too.
          await tx`
            insert into alert_deliveries (webhook_id, alert_id, event, notice, attempts, next_attempt_at, delivered_at)
            values (null, ${alert.id}, 'firing', ${JSON.stringify(notice)}::text::jsonb, 1, null, now())`;
        });
      }
      awaySince = null;
      told = null;
      if (ctx.now().getTime() - rememberedAt < REMEMBER_MS) return;
      targets = await allTargets(ctx);
      isEnabled = (await ruleSettings(ctx)).some(({ rule, enabled }) => rule === "database_away" && enabled);
      rememberedAt = ctx.now().getTime();
    },
  };
}
