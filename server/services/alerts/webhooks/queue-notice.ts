import type { Transaction } from "@/server/db/client";
import type { Context } from "@/server/process/context";
import type { Notice, NoticeEvent } from "../types";

/**
 * Queues a message for each webhook, in the transaction of the change that it reports, so that both commit or neither.
 */
export async function queueNotice(
  tx: Transaction,
  ctx: Context,
  alertId: string,
  event: NoticeEvent,
  notice: Notice,
): Promise<void> {
  const text = JSON.stringify(notice);
  await tx`
    insert into alert_deliveries (webhook_id, alert_id, event, notice)
    select id, ${alertId}, ${event}, ${text}::text::jsonb
    from alert_webhooks
    where enabled`;
  if (ctx.config.alerts.webhookUrl === undefined) return;
  await tx`
    insert into alert_deliveries (webhook_id, alert_id, event, notice)
    values (null, ${alertId}, ${event}, ${text}::text::jsonb)`;
}
