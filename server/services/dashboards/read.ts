import { and, asc, eq, sql } from "drizzle-orm";
import { dashboardShares, dashboards, user } from "@/server/db/schema";
import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { type Dashboard, type DashboardSummary, storedContent } from "./contract";
import { givenTo, isVisible, rightsTo, type Shared } from "./rights";

const shape = (principal: Principal) => ({
  id: dashboards.id,
  name: dashboards.name,
  visibility: dashboards.visibility,
  owner_id: dashboards.ownerId,
  owner: user.email,
  version: dashboards.version,
  updated_at: dashboards.updatedAt,
  updated_by: dashboards.updatedBy,
  admin_access: dashboards.adminAccess,
  given: givenTo(principal),
  is_shared: sql<boolean>`(
    ${dashboards.adminAccess} is not null
    or exists (select from ${dashboardShares} where ${dashboardShares.dashboardId} = ${dashboards.id})
  )`,
});

/** Lists the dashboards that the principal can view, by name. */
export async function listDashboards(ctx: Context, principal: Principal): Promise<DashboardSummary[]> {
  const panels = sql<number>`coalesce(jsonb_array_length(${dashboards.content} -> 'panels'), 0)`;
  const rows = await ctx.db.read
    .select({ ...shape(principal), panel_count: panels })
    .from(dashboards)
    .leftJoin(user, eq(user.id, dashboards.ownerId))
    .where(isVisible(principal))
    .orderBy(asc(dashboards.name), asc(dashboards.id));
  return rows.map((row) => withRights(row, principal));
}

/** @throws AppError NOT_FOUND if it does not exist, or the principal cannot view it */
export async function getDashboard(ctx: Context, principal: Principal, id: string): Promise<Dashboard> {
  const [row] = await ctx.db.orm
    .select({ ...shape(principal), content: dashboards.content })
    .from(dashboards)
    .leftJoin(user, eq(user.id, dashboards.ownerId))
    .where(and(eq(dashboards.id, id), isVisible(principal)));
  if (!row) throw new AppError("dashboard.not_found", {});
  return { ...withRights(row, principal), content: storedContent.parse(row.content) };
}

function withRights<Row extends Shared>(row: Row, principal: Principal) {
  const { can_view: _, ...rights } = rightsTo(row, principal);
  const { owner_id: __, admin_access: ___, given: ____, ...rest } = row;
  return { ...rest, ...rights };
}
