import { isDeepStrictEqual } from "node:util";
import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import { LOCKS } from "@/server/db/advisory-locks";
import type { SqlExecutor } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { expireRules } from "@/server/services/intake";
import { type IntakeRule, intakeRule } from "@/server/services/intake/contract";
import { checkRules } from "./check-rules";
import type { RuleSetAnswer, RuleSetSave } from "./contract";

/** Returns the rules of each log table. */
export async function listRules(ctx: Context): Promise<{ items: RuleSetAnswer[] }> {
  return { items: await Promise.all(LOG_TABLE_NAMES.map((table) => readRules(ctx.db.sql, table))) };
}

/**
 * Replaces the rules of a table. All processes use them within seconds. The replaced version remains in the database.
 * @throws AppError UNPROCESSABLE for an invalid rule, CONFLICT if they were changed since the given version
 */
export async function saveRules(
  ctx: Context,
  principal: Principal,
  { table, version, rules }: RuleSetSave,
): Promise<RuleSetAnswer> {
  checkRules(ctx, table, rules, (index) => `rules.${index}`);
  const saved = await ctx.db.sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${LOCKS.intakeRules}, 0)`;
    const current = await readRules(tx, table);
    if (current.version !== version) throw new AppError("intake_rules.changed", { name: current.changed_by ?? "" });
    if (isDeepStrictEqual(current.rules, rules)) return current;
    await tx`
      insert into intake_rules (log_table, version, rules, created_by)
      values (${table}, ${version + 1}, ${JSON.stringify(rules)}::text::jsonb, ${principal.name})`;
    const change = { table, version: version + 1, ...differences(current.rules, rules) };
    await recordAudit(ctx, principal, "intake-rules.change", change, tx);
    return await readRules(tx, table);
  });
  expireRules(ctx.db);
  return saved;
}

async function readRules(sql: SqlExecutor, table: LogTableName): Promise<RuleSetAnswer> {
  const [row] = await sql<{ version: number; rules: unknown; created_at: string; created_by: string }[]>`
    select version, rules, created_at, created_by
    from intake_rules
    where log_table = ${table}
    order by version desc
    limit 1`;
  return {
    table,
    version: row?.version ?? 0,
    rules: intakeRule.array().parse(row?.rules ?? []),
    changed_at: row ? toIsoMicroseconds(row.created_at) : null,
    changed_by: row?.created_by ?? null,
  };
}

/** The rules that differ, before and after; and the order, if it changed. */
function differences(before: readonly IntakeRule[], after: readonly IntakeRule[]) {
  const changed = (rules: readonly IntakeRule[], others: readonly IntakeRule[]) =>
    rules.filter((rule) => !others.some((other) => isDeepStrictEqual(rule, other)));
  const order = (rules: readonly IntakeRule[]) => rules.map(({ name }) => name);
  const isReordered = !isDeepStrictEqual(
    before.filter(({ id }) => after.some((rule) => rule.id === id)).map(({ id }) => id),
    after.filter(({ id }) => before.some((rule) => rule.id === id)).map(({ id }) => id),
  );
  return {
    before: changed(before, after),
    after: changed(after, before),
    ...(isReordered && { order_before: order(before), order_after: order(after) }),
  };
}
