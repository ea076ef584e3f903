import type { SqlExecutor } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import type { SharingChange, SharingSettings } from "../contract";

/** Returns whether files can be shared by links; by default they cannot. */
export async function sharingSettings(ctx: Context): Promise<SharingSettings> {
  const [row] = await ctx.db.sql<{ is_allowed: boolean; changed_at: string; changed_by: string }[]>`
    select is_allowed, changed_at, changed_by from export_sharing`;
  return {
    is_allowed: row?.is_allowed ?? false,
    changed_at: row ? toIsoMicroseconds(row.changed_at) : null,
    changed_by: row?.changed_by ?? null,
  };
}

/** Whether sharing is allowed, which cannot change before the transaction ends. */
export async function lockSharing(tx: SqlExecutor): Promise<boolean> {
  const [row] = await tx<{ is_allowed: boolean }[]>`
    select is_allowed from export_sharing for share`;
  return row?.is_allowed ?? false;
}

/** Allows or forbids sharing. Forbidding revokes all links. */
export async function changeSharing(
  ctx: Context,
  principal: Principal,
  { is_allowed }: SharingChange,
): Promise<SharingSettings> {
  await ctx.db.sql.begin(async (tx) => {
    await tx`
      insert into export_sharing (is_allowed, changed_by)
      values (${is_allowed}, ${principal.name})
      on conflict (id) do update set
        is_allowed = excluded.is_allowed,
        changed_at = now(),
        changed_by = excluded.changed_by`;
    const revoked = is_allowed ? [] : await tx`delete from export_links returning id`;
    await recordAudit(ctx, principal, "export-sharing.change", { is_allowed, revoked_links: revoked.length }, tx);
  });
  return await sharingSettings(ctx);
}
