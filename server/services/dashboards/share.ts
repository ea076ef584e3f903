import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import type { Shares, SharesChange } from "./contract";
import { lockDashboard } from "./write";

/** Returns with whom a dashboard is shared by name. @throws AppError NOT_FOUND, FORBIDDEN for those who cannot change it */
export async function sharesOf(ctx: Context, principal: Principal, id: string): Promise<Shares> {
  return await ctx.db.sql.begin(async (tx) => {
    const { row, rights } = await lockDashboard(tx, principal, id);
    if (!rights.can_manage) throw new AppError("dashboard.not_owner", {});
    const users = await tx<Shares["users"][number][]>`
      select email, access
      from dashboard_shares join "user" on "user".id = user_id
      where dashboard_id = ${id}
      order by email`;
    return { admins: row.admin_access, users: [...users] };
  });
}

/**
 * Shares a dashboard with these users instead of those before. A user has what is given by name, to administrators and
 * to everyone together.
 * @throws AppError NOT_FOUND, FORBIDDEN; UNPROCESSABLE for an email address that no user has
 */
export async function shareDashboard(
  ctx: Context,
  principal: Principal,
  { id, admins, users }: SharesChange,
): Promise<void> {
  await ctx.db.sql.begin(async (tx) => {
    const { row, rights } = await lockDashboard(tx, principal, id);
    if (!rights.can_manage) throw new AppError("dashboard.not_owner", {});
    await tx`update dashboards set admin_access = ${admins} where id = ${id}`;
    await tx`delete from dashboard_shares where dashboard_id = ${id}`;
    for (const { email, access } of users) {
      const [user] = await tx<{ id: string }[]>`
        select id from "user" where lower(email) = lower(${email}) for share`;
      if (!user) throw new AppError("dashboard.unknown_user", { email });
      await tx`
        insert into dashboard_shares (dashboard_id, user_id, access) values (${id}, ${user.id}, ${access})
        on conflict (dashboard_id, user_id) do update set access = excluded.access`;
    }
    const shared = users.map(({ email, access }) => `${email}: ${access}`);
    await recordAudit(ctx, principal, "dashboard.share", { id, name: row.name, admins, users: shared.join(", ") }, tx);
  });
}
