import { randomUUID } from "node:crypto";
import { instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { REPEAT_MS } from "./evaluate";
import { alertRules } from "./rules";
import { ruleSettings } from "./settings";
import type { Notice } from "./types";
import { BACK_OFF, trySend, type WebhookTarget } from "./webhooks/deliver";
import { allTargets } from "./webhooks/manage";

const REMEMBER_MS = 60_000;

/** A message on its way from memory. */
interface Unsent {
  readonly id: string;
  readonly target: WebhookTarget;
  attempts: number;
  dueAt: number;
}

/** The time without PostgreSQL. */
interface Outage {
  readonly since: Date;
  firedAt: Date | null;
  wasTold: boolean;
  unsent: Unsent[];
}

/**
 * The one alert that cannot be kept in PostgreSQL while it lasts: that PostgreSQL is away. The process that watched
 * until then tells it, to the webhooks it remembers, and writes it down when PostgreSQL is back.
 */
export function makeDatabaseAlarm() {
  const { severity, hold } = alertRules.database_away;
  let targets: readonly WebhookTarget[] = [];
  let isEnabled = true;
  let rememberedAt = Number.NEGATIVE_INFINITY;
  let toldAt = Number.NEGATIVE_INFINITY;
  let outage: Outage | null = null;

  const noticeOf = (since: Date): Notice => ({
    rule: "database_away",
    subject: "",
    severity,
    value: 1,
    threshold: 0,
    since: instantOf(since),
  });

  /** Begins to tell, at most once an hour whatever comes and goes. */
  const tell = (current: Outage, now: number) => {
    if (now - toldAt < REPEAT_MS) return;
    toldAt = now;
    current.wasTold = true;
    current.unsent = targets.map((target) => ({ id: randomUUID(), target, attempts: 0, dueAt: now }));
  };

  const send = async (ctx: Context, current: Outage, message: Unsent) => {
    const event = current.firedAt !== null && current.firedAt.getTime() < toldAt ? "still_firing" : "firing";
    const problem = await trySend(ctx, message.target, { id: message.id, event, notice: noticeOf(current.since) });
    const wait = BACK_OFF[message.attempts];
    if (problem === null || wait === undefined) {
      current.unsent = current.unsent.filter((other) => other !== message);
    }
    if (problem === null || wait === undefined) return;
    message.attempts++;
    message.dueAt = ctx.now().getTime() + wait * 1_000;
  };

  return {
    /** To be called each time the watching process cannot reach PostgreSQL. */
    async away(ctx: Context): Promise<void> {
      const now = ctx.now().getTime();
      outage ??= { since: ctx.now(), firedAt: null, wasTold: false, unsent: [] };
      const current = outage;
      if (!isEnabled || now - current.since.getTime() < hold * 1_000) return;
      if (current.firedAt === null) {
        current.firedAt = ctx.now();
        ctx.log.error({ since: current.since, webhooks: targets.length }, "PostgreSQL is away");
      }
      tell(current, now);
      await Promise.all(
        current.unsent.filter(({ dueAt }) => dueAt <= now).map((message) => send(ctx, current, message)),
      );
    },

    /** To be called when PostgreSQL answers: the end is then told like that of any alert. */
    async back(ctx: Context): Promise<void> {
      if (outage?.firedAt) await writeDown(ctx, noticeOf(outage.since), outage.firedAt, outage.wasTold);
      outage = null;
      if (ctx.now().getTime() - rememberedAt < REMEMBER_MS) return;
      targets = await allTargets(ctx);
      isEnabled = (await ruleSettings(ctx)).some(({ rule, enabled }) => rule === "database_away" && enabled);
      rememberedAt = ctx.now().getTime();
    },
  };
}

/** As if it had been kept from the beginning; what was sent from memory too, so that its end is told. */
async function writeDown(ctx: Context, notice: Notice, firedAt: Date, wasTold: boolean): Promise<void> {
  const at = instantOf(firedAt);
  await ctx.db.sql.begin(async (tx) => {
    const [alert] = await tx<{ id: string }[]>`
      insert into alerts (rule, severity, state, value, threshold, since, fired_at, notified_at)
      values (${notice.rule}, ${notice.severity}, 'firing', 1, 0, ${notice.since}, ${at}, ${wasTold ? at : null})
      on conflict do nothing
      returning id`;
    if (!alert || !wasTold) return;
    await tx`
      insert into alert_deliveries (webhook_id, alert_id, event, notice, attempts, next_attempt_at, delivered_at)
      values (null, ${alert.id}, 'firing', ${JSON.stringify(notice)}::text::jsonb, 1, null, now())`;
  });
}
