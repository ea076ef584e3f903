import type { SqlExecutor } from "@/server/db/client";
import type { Context, Principal } from "@/server/process/context";
import type { AuditAction } from "./actions";

/** `refused`: by a right, a rule or the state of things; `failed`: by a fault of ours. */
export type AuditResult = "ok" | "refused" | "failed";

/** Who did it, or for a sign-in that failed the address that was given, as nobody's. */
export interface Actor {
  readonly kind: Principal["kind"] | "nobody";
  readonly id: string;
  readonly name: string;
  /** Where the request came from; none for what no request asked for. */
  readonly from?: Principal["from"];
}

/**
 * Adds to the audit record, which only ever grows. What was done records itself, in its own transaction; what was
 * refused or failed is recorded where the request came in (recordRefusal).
 * @param details what it was done to; no secrets. JSON
 * @param sql the transaction of the deed, where it has one
 */
export async function recordAudit(
  ctx: Pick<Context, "db">,
  actor: Actor,
  action: AuditAction,
  details: Readonly<Record<string, unknown>>,
  sql: SqlExecutor = ctx.db.sql,
): Promise<void> {
  await insertAudit(sql, actor, action, "ok", details);
}

/** Adds a row of any result. */
export async function insertAudit(
  sql: SqlExecutor,
  { kind, id, name, from }: Actor,
  action: AuditAction,
  result: AuditResult,
  details: Readonly<Record<string, unknown>>,
): Promise<void> {
  await sql`
    insert into audit_log (actor_kind, actor_id, actor_name, action, result, details, ip_address, user_agent)
    values (
      ${kind}, ${id}, ${name}, ${action}, ${result}, ${JSON.stringify(details)}::text::jsonb,
      ${from?.address ?? null}::inet, ${from?.userAgent ?? null}
    )`;
}
