import { PERSONAL_COLUMNS } from "@/server/catalog";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import type { PrivacyChange, PrivacySettings } from "./contract";

/** Read for each request that needs it, so that a change applies immediately in every process. */
export async function privacySettings(ctx: Context): Promise<PrivacySettings> {
  const [row] = await ctx.db.sql<{ masked_columns: string[]; changed_at: string; changed_by: string }[]>`
    select masked_columns, changed_at, changed_by from privacy_settings`;
  return {
    masked_columns: PERSONAL_COLUMNS.filter((name) => !row || row.masked_columns.includes(name)),
    changed_at: row ? toIsoMicroseconds(row.changed_at) : null,
    changed_by: row?.changed_by ?? null,
  };
}

/** Masks exactly these columns for viewers. */
export async function changePrivacy(
  ctx: Context,
  principal: Principal,
  { masked_columns }: PrivacyChange,
): Promise<PrivacySettings> {
  await ctx.db.sql.begin(async (tx) => {
    await tx`
      insert into privacy_settings (masked_columns, changed_by)
      values (${masked_columns}::text[], ${principal.name})
      on conflict (id) do update set
        masked_columns = excluded.masked_columns,
        changed_at = now(),
        changed_by = excluded.changed_by`;
    await recordAudit(ctx, principal, "privacy.change", { masked_columns }, tx);
  });
  return await privacySettings(ctx);
}
