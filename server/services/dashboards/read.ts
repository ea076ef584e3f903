import { and, asc, eq, sql } from "drizzle-orm";
import { dashboards, user } from "@/server/db/schema";
import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { type Dashboard, type DashboardSummary, storedContent } from "./contract";
import { isVisible, rightsTo } from "./rights";

const shape = {
  id: dashboards.id,
  name: dashboards.name,
  visibility: dashboards.visibility,
  owner_id: dashboards.ownerId,
  owner: user.email,
  version: dashboards.version,
  updated_at: dashboards.updatedAt,
  updated_by: dashboards.updatedBy,
};

/** Lists the dashboards that the principal can view, by name. */
export async function listDashboards(ctx: Context, principal: Principal): Promise<DashboardSummary[]> {
  const panels = sql<number>`coalesce(jsonb_array_length(${dashboards.content} -> 'panels'), 0)`;
  const rows = await ctx.db.read
    .select({ ...shape, panel_count: panels })
    .from(dashboards)
    .leftJoin(user, eq(user.id, dashboards.ownerId))
    .where(isVisible(principal))
    .orderBy(asc(dashboards.name), asc(dashboards.id));
  return rows.map((row) => withRights(row, principal));
}

/** @throws AppError NOT_FOUND if it does not exist, or the principal cannot view it */
export async function getDashboard(ctx: Context, principal: Principal, id: string): Promise<Dashboard> {
  const [row] = await ctx.db.orm
    .select({ ...shape, content: dashboards.content })
    .from(dashboards)
    .leftJoin(user, eq(user.id, dashboards.ownerId))
    .where(and(eq(dashboards.id, id), isVisible(principal)));
  if (!row) throw new AppError("dashboard.not_found", {});
  return { ...withRights(row, principal), content: storedContent.parse(row.content) };
}

function withRights<Row extends Pick<Dashboard, "visibility"> & { owner_id: string | null }>(
  row: Row,
  principal: Principal,
) {
  const { can_view: _, ...rights } = rightsTo(row, principal);
  const { owner_id: __, ...rest } = row;
  return { ...rest, ...rights };
}
