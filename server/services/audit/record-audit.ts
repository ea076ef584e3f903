import type { SqlExecutor } from "@/server/db/client";
import { postgresJson } from "@/server/lib/postgres-text";
import type { Context, Principal } from "@/server/process/context";
import type { AuditAction, AuditResult } from "./contract";

/** The actor; for a failed sign-in, the given address as an anonymous actor. */
export interface Actor {
  readonly kind: Principal["kind"] | "nobody";
  readonly id: string;
  readonly name: string;
  /** The origin of the request; undefined for actions without a request. */
  readonly from?: Principal["from"];
}

/**
 * Appends an entry to the audit log. Successful actions are recorded by their service, in the same transaction; denied
 * and failed ones by the transport that received the request (recordRefusal).
 * @param details the object of the action, as JSON without secrets
 * @param sql the transaction of the action, where it has one
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

/** Adds an entry with any result. */
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
      ${kind}, ${id}, ${name}, ${action}, ${result}, ${postgresJson(JSON.stringify(details))}::text::jsonb,
      ${from?.address ?? null}::inet, ${from?.userAgent ?? null}
    )`;
}
