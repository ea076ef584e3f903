import { type SQL, sql } from "drizzle-orm";
import type { Access } from "@/server/catalog/dashboards";
import { dashboardShares, dashboards } from "@/server/db/schema";
import { AppError } from "@/server/lib/errors";
import type { Principal } from "@/server/process/context";
import type { Dashboard } from "./contract";

/** What rights depend on. */
export interface Shared extends Pick<Dashboard, "visibility"> {
  readonly owner_id: string | null;
  readonly admin_access: Access | null;
  /** What the principal was given by name. */
  readonly given: Access | null;
}

interface Rights {
  readonly is_own: boolean;
  readonly can_view: boolean;
  readonly can_edit: boolean;
  readonly can_manage: boolean;
}

/**
 * The rights to a dashboard. Administrators manage those that everyone can view, and those without an owner. With
 * private dashboards of others, they and named users may do what the owner gives them.
 */
export function rightsTo({ visibility, owner_id, admin_access, given }: Shared, principal: Principal): Rights {
  const is_own = principal.kind === "user" && owner_id === principal.id;
  const isAdmin = principal.role === "admin";
  const can_manage = is_own || (isAdmin && (visibility !== "private" || owner_id === null));
  const granted: readonly unknown[] = [visibility, given, isAdmin ? admin_access : null];
  const can_edit = can_manage || granted.includes("edit");
  return { is_own, can_view: can_edit || granted.includes("view"), can_edit, can_manage };
}

/** What the principal was given by name, as a column of a query. */
export function givenTo(principal: Principal): SQL<Access | null> {
  if (principal.kind !== "user") return sql`null`;
  return sql`(
    select ${dashboardShares.access} from ${dashboardShares}
    where ${dashboardShares.dashboardId} = ${dashboards.id} and ${dashboardShares.userId} = ${principal.id}
  )`;
}

/** The condition of dashboards that a principal can view: equal to `can_view`. */
export function isVisible(principal: Principal): SQL {
  const own = principal.kind === "user" ? sql`${dashboards.ownerId} = ${principal.id}` : sql`false`;
  const ownerless =
    principal.role === "admin"
      ? sql`(${dashboards.ownerId} is null or ${dashboards.adminAccess} is not null)`
      : sql`false`;
  return sql`(${dashboards.visibility} <> 'private' or ${own} or ${ownerless} or ${givenTo(principal)} is not null)`;
}

/**
 * Returns the owner of a dashboard that the principal creates. API keys own nothing; an administrator's key creates
 * dashboards without an owner.
 * @throws AppError FORBIDDEN for other keys
 */
export function ownerOf(principal: Principal): string | null {
  if (principal.kind === "user") return principal.id;
  if (principal.role === "admin") return null;
  throw new AppError("dashboard.needs_user", {});
}
