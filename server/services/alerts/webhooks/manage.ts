import { randomUUID } from "node:crypto";
import type { Locale } from "@/messages/locales";
import { type ErrorValue, parseErrorValue } from "@/server/catalog/errors";
import { SIGNED_FORMATS, type WebhookFormat } from "@/server/catalog/webhook-formats";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError, fieldError, invalidInput } from "@/server/lib/errors";
import { instantOf } from "@/server/lib/time";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import type { Webhook, WebhookChange, WebhookInput } from "../contract";
import { isPublicAddress, literalHost } from "./address";
import { attemptDelivery, configuredTarget, type WebhookTarget } from "./deliver";

const MAX_WEBHOOKS = 20;

interface WebhookRow {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly format: WebhookFormat;
  readonly locale: Locale;
  readonly secret: string | null;
  readonly enabled: boolean;
  readonly created_by: string;
}

/** Lists all webhooks, the configured one first. */
export async function listWebhooks(ctx: Context): Promise<Webhook[]> {
  const [rows, latest] = await Promise.all([
    ctx.db.read.$client<WebhookRow[]>`
      select id, name, url, format, locale, secret, enabled, created_by from alert_webhooks order by created_at, id`,
    ctx.db.read.$client<
      { webhook_id: string | null; at: string; delivered: boolean; waiting: boolean; error: unknown }[]
    >`
      select distinct on (webhook_id)
        webhook_id, coalesce(delivered_at, created_at) as at, delivered_at is not null as delivered,
        next_attempt_at is not null as waiting, error
      from alert_deliveries
      where attempts > 0
      order by webhook_id, created_at desc`,
  ]);
  const lastOf = (id: string | null): Webhook["last"] => {
    const found = latest.find(({ webhook_id }) => webhook_id === id);
    if (!found) return null;
    const { at, delivered, waiting, error } = found;
    return { at: toIsoMicroseconds(at), delivered, waiting, error: error ? parseErrorValue(error) : null };
  };
  const configured = configuredTarget(ctx);
  return [
    ...(configured
      ? [
          {
            id: null,
            name: null,
            host: new URL(configured.url).host,
            format: configured.format,
            locale: configured.locale,
            is_signed: false,
            enabled: true,
            created_by: null,
            last: lastOf(null),
          },
        ]
      : []),
    ...rows.map(({ url, secret, ...row }) => ({
      ...row,
      host: new URL(url).host,
      is_signed: secret !== null,
      last: lastOf(row.id),
    })),
  ];
}

/** @throws AppError UNPROCESSABLE for a URL that messages would not be sent to */
export async function addWebhook(ctx: Context, input: WebhookInput, principal: Principal): Promise<{ id: string }> {
  checkUrl(ctx, input.url);
  const secret = SIGNED_FORMATS.includes(input.format) ? input.secret : null;
  return await ctx.db.sql.begin(async (tx) => {
    const [row] = await tx<{ id: string }[]>`
      insert into alert_webhooks (name, url, format, secret, locale, created_by)
      select ${input.name}, ${input.url}, ${input.format}, ${secret}, ${input.locale}, ${principal.name}
      where (select count(*) from alert_webhooks) < ${MAX_WEBHOOKS}
      returning id`;
    if (!row) throw new AppError("webhook.too_many", { max: MAX_WEBHOOKS });
    const { name, format } = input;
    await recordAudit(ctx, principal, "webhook.add", { id: row.id, name, format, host: new URL(input.url).host }, tx);
    return row;
  });
}

/** Host names are checked on each delivery; literal addresses can be rejected here. */
function checkUrl(ctx: Context, text: string): void {
  const rejectUrl = (problem: "not_url" | "not_http" | "credentials" | "private_url"): never => {
    throw invalidInput([fieldError("url", `input.${problem}`, {})]);
  };
  if (!URL.canParse(text)) rejectUrl("not_url");
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") rejectUrl("not_http");
  if (url.username !== "" || url.password !== "") rejectUrl("credentials");
  const literal = url.hostname === "localhost" ? "127.0.0.1" : literalHost(url);
  if (!ctx.config.alerts.webhookAllowPrivate && literal !== null && !isPublicAddress(literal)) {
    rejectUrl("private_url");
  }
}

/** @throws AppError NOT_FOUND */
export async function removeWebhook(ctx: Context, id: string, principal: Principal): Promise<void> {
  await ctx.db.sql.begin(async (tx) => {
    const [row] = await tx<{ name: string }[]>`delete from alert_webhooks where id = ${id} returning name`;
    if (!row) throw new AppError("webhook.not_found", {});
    await recordAudit(ctx, principal, "webhook.remove", { id, name: row.name }, tx);
  });
}

/** @throws AppError NOT_FOUND; UNPROCESSABLE for a URL that messages would not be sent to */
export async function changeWebhook(
  ctx: Context,
  id: string,
  change: WebhookChange,
  principal: Principal,
): Promise<void> {
  const { name = null, url = null, format = null, locale = null, enabled = null, secret } = change;
  if (url !== null) checkUrl(ctx, url);
  await ctx.db.sql.begin(async (tx) => {
    const [row] = await tx<WebhookRow[]>`
      update alert_webhooks
      set
        name = coalesce(${name}, name),
        url = coalesce(${url}, url),
        format = coalesce(${format}, format),
        locale = coalesce(${locale}, locale),
        enabled = coalesce(${enabled}::boolean, enabled),
        secret = case
          when coalesce(${format}, format) <> all(${[...SIGNED_FORMATS]}) then null
          when ${secret !== undefined} then ${secret ?? null}
          else secret
        end
      where id = ${id}
      returning id, name, url, format, locale, secret, enabled, created_by`;
    if (!row) throw new AppError("webhook.not_found", {});
    const shown = { name: row.name, format: row.format, host: new URL(row.url).host, enabled: row.enabled };
    await recordAudit(ctx, principal, "webhook.change", { id, ...shown, changed: Object.keys(change) }, tx);
  });
}

/** Sends a test message once, immediately. @param id null for the configured webhook */
export async function testWebhook(
  ctx: Context,
  id: string | null,
  principal: Principal,
): Promise<{ delivered: boolean; error: ErrorValue | null }> {
  const target = id === null ? configuredTarget(ctx) : await findTarget(ctx, id);
  if (!target) throw new AppError("webhook.not_found", {});
  const notice = {
    rule: "queue_length",
    subject: "access_logs",
    severity: "warning",
    value: 0,
    threshold: 0,
    since: instantOf(ctx.now()),
  } as const;
  const deliveryId = randomUUID();
  const error = await attemptDelivery(ctx, target, { id: deliveryId, event: "test", notice });
  await ctx.db.sql`
    insert into alert_deliveries (id, webhook_id, event, notice, attempts, next_attempt_at, delivered_at, error)
    values (
      ${deliveryId}, ${id}, 'test', ${JSON.stringify(notice)}::text::jsonb, 1, null,
      ${error === null ? ctx.db.sql`now()` : null}, ${error && JSON.stringify(error)}::text::jsonb
    )`;
  await recordAudit(ctx, principal, "webhook.test", { id, delivered: error === null });
  return { delivered: error === null, error };
}

async function findTarget(ctx: Context, id: string): Promise<WebhookTarget | undefined> {
  const [row] = await ctx.db.sql<WebhookTarget[]>`
    select url, format, secret, locale from alert_webhooks where id = ${id}`;
  return row;
}

/** Lists all webhook targets, to be used while PostgreSQL is unreachable. */
export async function allTargets(ctx: Context): Promise<WebhookTarget[]> {
  const rows = await ctx.db.sql<WebhookTarget[]>`
    select url, format, secret, locale from alert_webhooks where enabled`;
  const configured = configuredTarget(ctx);
  return configured ? [configured, ...rows] : [...rows];
}
