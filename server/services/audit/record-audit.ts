import type { Context, Principal } from "@/server/context";
import type { SqlExecutor } from "@/server/db/client";

/** What is recorded: what was done to, a dot, what was done. */
export type AuditAction =
  | "export.start"
  | "export.download"
  | "export.delete"
  | "export.expire"
  | "cleanup.start"
  | "restore.start"
  | "alert.acknowledge"
  | "alert-rule.change"
  | "webhook.add"
  | "webhook.change"
  | "webhook.remove"
  | "webhook.test"
  | "task.run"
  | "task.change";

/**
 * Adds to the audit record, which only ever grows.
 * @param details what it was done to; no secrets. JSON
 * @param sql the transaction of the deed, where it has one
 */
export async function recordAudit(
  ctx: Pick<Context, "db">,
  principal: Pick<Principal, "kind" | "id" | "name">,
  action: AuditAction,
  details: Readonly<Record<string, unknown>>,
  sql: SqlExecutor = ctx.db.sql,
): Promise<void> {
  await sql`
    insert into audit_log (actor_kind, actor_id, actor_name, action, details)
    values (${principal.kind}, ${principal.id}, ${principal.name}, ${action}, ${JSON.stringify(details)}::text::jsonb)`;
}
