import type { Locale } from "@/messages/locales";
import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import type { WebhookFormat } from "@/server/catalog/webhook-formats";
import { AppError, toErrorValue } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import type { Notice, NoticeEvent } from "../types";
import { composeRequest, refusalOf } from "./formats";
import { sendRequest } from "./send";

/** Retry delays in seconds. After the last one, some nine hours after the first attempt, delivery fails permanently. */
export const BACK_OFF = [5, 15, 60, 300, 900, 1_800, 3_600, 7_200, 14_400] as const;
/** Messages claimed by a process that exits are retried by others after this time. */
const LEASE = "1 minute";
const MAX_AT_ONCE = 20;

/** The destination of messages. */
export interface WebhookTarget {
  readonly url: string;
  readonly format: WebhookFormat;
  readonly secret: string | null;
  readonly locale: Locale;
}

interface Delivery {
  readonly id: string;
  readonly webhook_id: string | null;
  readonly event: NoticeEvent;
  readonly notice: Notice;
  readonly attempts: number;
  readonly url: string | null;
  readonly format: WebhookFormat | null;
  readonly secret: string | null;
  readonly locale: Locale | null;
}

/** Returns the configured webhook, often the only one of users in China. */
export function configuredTarget({ config }: Context): WebhookTarget | null {
  const { webhookUrl: url, webhookFormat: format } = config.alerts;
  if (url === undefined) return null;
  return { url, format, secret: null, locale: format === "generic" || format === "slack" ? "en" : "zh-CN" };
}

/**
 * Sends all due messages once. Delays between attempts increase, and later messages of the same alert wait, so that a
 * resolution never precedes its alert.
 */
export async function deliverNotices(ctx: Context, signal?: AbortSignal): Promise<void> {
  const due = await ctx.db.sql<Delivery[]>`
    with due as (
      update alert_deliveries set attempts = attempts + 1, next_attempt_at = now() + ${LEASE}::interval
      where id in (
        select id from alert_deliveries
        where next_attempt_at <= now()
          and not exists (
            select from alert_deliveries as earlier
            where earlier.alert_id = alert_deliveries.alert_id
              and earlier.webhook_id is not distinct from alert_deliveries.webhook_id
              and earlier.created_at < alert_deliveries.created_at
              and earlier.next_attempt_at is not null
          )
        order by next_attempt_at
        limit ${MAX_AT_ONCE}
        for update skip locked
      )
      returning id, webhook_id, event, notice, attempts, created_at
    )
    select due.id, webhook_id, event, notice, attempts, url, format, secret, locale
    from due left join alert_webhooks on alert_webhooks.id = webhook_id and enabled
    order by due.created_at`;
  await Promise.all(due.map((delivery) => deliver(ctx, delivery, signal)));
}

async function deliver(ctx: Context, delivery: Delivery, signal?: AbortSignal): Promise<void> {
  const { id, webhook_id, event, notice, attempts, url, format, secret, locale } = delivery;
  const target =
    webhook_id === null
      ? configuredTarget(ctx)
      : url !== null && format !== null && locale !== null
        ? { url, format, secret, locale }
        : null;
  const problem =
    target === null
      ? errorValue("webhook.switched_off", {})
      : await attemptDelivery(ctx, target, { id, event, notice }, signal);
  const wait = target === null ? undefined : BACK_OFF[attempts - 1];
  if (problem !== null)
    ctx.log.warn(
      { delivery: id, webhook: webhook_id ?? "configuration", attempts, problem },
      "alert notification not delivered",
    );
  await ctx.db.sql`
    update alert_deliveries set
      delivered_at = ${problem === null ? ctx.db.sql`now()` : null},
      next_attempt_at = ${problem === null || wait === undefined ? null : ctx.db.sql`now() + make_interval(secs => ${wait})`},
      error = ${problem && JSON.stringify(problem)}::text::jsonb
    where id = ${id}`;
}

/** @returns the reason of a failure, without the URL, which contains the service's secret; null on success */
export async function attemptDelivery(
  ctx: Context,
  target: WebhookTarget,
  { id, event, notice }: { id: string; event: NoticeEvent; notice: Notice },
  signal?: AbortSignal,
): Promise<ErrorValue | null> {
  const { appUrl, alerts } = ctx.config;
  try {
    const outgoing = composeRequest(target, { id, event, notice, appUrl, locale: target.locale, sentAt: new Date() });
    const { status, body } = await sendRequest(outgoing, { allowPrivate: alerts.webhookAllowPrivate, signal });
    return refusalOf(target.format, status, body);
  } catch (error) {
    if (error instanceof AppError) return toErrorValue(error);
    const text = error instanceof Error ? error.message || error.name : String(error);
    return errorValue("other", { text: text.replaceAll(target.url, "(address)").slice(0, 300) });
  }
}
