import type { Locale } from "@/messages/locales";
import { parseErrorValue } from "@/server/catalog/errors";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError, fieldError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import type { Alert, AlertPage, AlertsQuery, RuleName } from "./contract";
import { ruleOf } from "./rules";
import { alertMessage } from "./text";

interface AlertRow extends Omit<Alert, "message" | "unit" | "recovering" | "cause"> {
  readonly rule: RuleName;
  readonly clear_since: string | null;
  readonly cause: unknown;
}

const DEFAULT_LIMIT = 100;

/**
 * Lists alerts, newest first.
 * @param query.state `open`: firing and acknowledged
 * @param query.cursor next_cursor of an earlier page
 * @param locale the language of the messages
 * @throws AppError BAD_REQUEST for an invalid cursor
 */
export async function listAlerts(ctx: Context, query: AlertsQuery = {}, locale: Locale = "en"): Promise<AlertPage> {
  const sql = ctx.db.read.$client;
  const { state, limit = DEFAULT_LIMIT, cursor } = query;
  const states: readonly string[] =
    state === undefined
      ? ["firing", "acknowledged", "resolved"]
      : state === "open"
        ? ["firing", "acknowledged"]
        : [state];
  const after = cursor === undefined ? null : parseCursor(cursor);
  const rows = await sql<AlertRow[]>`
    select
      id, rule, subject, severity, state, value, threshold, since, fired_at, resolved_at, acknowledged_at, acknowledged_by,
      clear_since, cause
    from alerts
    where state = any(${[...states]}::text[]) and fired_at is not null
      ${after ? sql`and (fired_at, id) < (${after.at}::timestamptz, ${after.id}::uuid)` : sql``}
    order by fired_at desc, id desc
    limit ${limit + 1}`;
  const items = rows.slice(0, limit).map((row) => toAlert(row, locale));
  const last = items.at(-1);
  return { items, next_cursor: rows.length > limit && last ? `${last.fired_at}_${last.id}` : null };
}

function parseCursor(text: string): { at: string; id: string } {
  const [, at = "", id = ""] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(text) ?? [];
  if (at === "" || Number.isNaN(Date.parse(at))) {
    throw new AppError("request.cursor", {}, { errors: [fieldError("cursor", "input.other_list", {})] });
  }
  return { at, id };
}

function toAlert({ clear_since, ...row }: AlertRow, locale: Locale): Alert {
  const cause = row.cause === null ? null : parseErrorValue(row.cause);
  const instant = (text: string | null) => (text === null ? null : toIsoMicroseconds(text));
  return {
    ...row,
    unit: ruleOf(row.rule).unit,
    recovering: clear_since !== null,
    cause,
    since: toIsoMicroseconds(row.since),
    fired_at: toIsoMicroseconds(row.fired_at),
    resolved_at: instant(row.resolved_at),
    acknowledged_at: instant(row.acknowledged_at),
    message: alertMessage({ ...row, cause }, locale),
  };
}

/** The alerts in the response of GET /queue-status. */
export async function openAlerts(ctx: Context, locale: Locale) {
  const { items } = await listAlerts(ctx, { state: "open" }, locale);
  return items.map(({ id, rule, subject, state, severity, value, threshold, since, message }) => ({
    id,
    rule,
    subject,
    state,
    severity,
    value,
    threshold,
    since,
    message,
  }));
}

/**
 * Acknowledges an alert: notifications stop until it resolves. Idempotent.
 * @throws AppError NOT_FOUND, CONFLICT when it has resolved
 */
export async function acknowledgeAlert(
  ctx: Context,
  id: string,
  principal: Principal,
  locale: Locale = "en",
): Promise<Alert> {
  return await ctx.db.sql.begin(async (tx) => {
    const [row] = await tx<AlertRow[]>`
      update alerts set
        state = case state when 'firing' then 'acknowledged' else state end,
        acknowledged_at = case state when 'firing' then ${ctx.now().toISOString()}::timestamptz else acknowledged_at end,
        acknowledged_by = case state when 'firing' then ${principal.name} else acknowledged_by end
      where id = ${id} and fired_at is not null
      returning
        id, rule, subject, severity, state, value, threshold, since, fired_at, resolved_at, acknowledged_at, acknowledged_by,
        clear_since, cause`;
    if (!row) throw new AppError("alert.not_found", {});
    if (row.state === "resolved") throw new AppError("alert.already_resolved", {});
    await recordAudit(ctx, principal, "alert.acknowledge", { alert: id, rule: row.rule, subject: row.subject }, tx);
    return toAlert(row, locale);
  });
}
