import { toIsoMicroseconds } from "@/server/db/schema/types";
import { fieldError, invalidInput } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { MAX_DAYS, POLICY_IDS, type PolicyId, type RetentionPolicy } from "./contract";

interface Changed {
  readonly id: string;
  readonly days: number;
  readonly changed_at: string;
  readonly changed_by: string;
}

type Source = Pick<Context, "db" | "config">;

/** Lists what applies: the value that an administrator set, or else that of the environment. */
export async function listPolicies(source: Source): Promise<RetentionPolicy[]> {
  const rows = await source.db.sql<Changed[]>`select id, days, changed_at, changed_by from retention_policies`;
  return POLICY_IDS.map((id) =>
    policyOf(
      source,
      id,
      rows.find((row) => row.id === id),
    ),
  );
}

async function getPolicy(source: Source, id: PolicyId): Promise<RetentionPolicy> {
  const [row] = await source.db.sql<Changed[]>`
    select id, days, changed_at, changed_by from retention_policies where id = ${id}`;
  return policyOf(source, id, row);
}

function policyOf({ config }: Source, id: PolicyId, changed: Changed | undefined): RetentionPolicy {
  const default_days = id === "archives" ? config.archivesRetentionDays : config.retentionDays[id];
  return {
    id,
    days: changed?.days ?? default_days,
    source: changed ? "settings" : "environment",
    variable: `${id === "exports" ? "EXPORT_FILES" : id.toUpperCase()}_RETENTION_DAYS`,
    max_days: MAX_DAYS[id],
    default_days,
    changed_at: changed ? toIsoMicroseconds(changed.changed_at) : null,
    changed_by: changed?.changed_by ?? null,
  };
}

/** Returns the retention in days. It is read for each use, so that a change applies without a restart. */
export async function retentionDays(source: Source, id: PolicyId): Promise<number> {
  return (await getPolicy(source, id)).days;
}

/**
 * Changes a retention, from the next cleanup on. Existing export files keep their expiry date.
 * @throws AppError UNPROCESSABLE for more days than the maximum
 */
export async function changePolicy(
  ctx: Context,
  principal: Principal,
  { id, days }: { readonly id: PolicyId; readonly days: number },
): Promise<RetentionPolicy> {
  requireDays(id, days);
  const before = await retentionDays(ctx, id);
  await ctx.db.sql.begin(async (tx) => {
    await tx`
      insert into retention_policies (id, days, changed_by)
      values (${id}, ${days}, ${principal.name})
      on conflict (id) do update set days = excluded.days, changed_at = now(), changed_by = excluded.changed_by`;
    await recordAudit(ctx, principal, "retention-policy.change", { id, days, days_before: before }, tx);
  });
  return await getPolicy(ctx, id);
}

/** Resets a retention to that of the environment. */
export async function resetPolicy(ctx: Context, principal: Principal, id: PolicyId): Promise<RetentionPolicy> {
  const before = await getPolicy(ctx, id);
  await ctx.db.sql.begin(async (tx) => {
    await tx`delete from retention_policies where id = ${id}`;
    const details = { id, days: before.default_days, days_before: before.days };
    await recordAudit(ctx, principal, "retention-policy.reset", details, tx);
  });
  return await getPolicy(ctx, id);
}

/** @throws AppError UNPROCESSABLE */
export function requireDays(id: PolicyId, days: number): void {
  const max = MAX_DAYS[id];
  if (days > max) throw invalidInput([fieldError("days", "input.between", { min: 0, max })]);
}
