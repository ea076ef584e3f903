import { type SQL, sql } from "drizzle-orm";
import { dashboards } from "@/server/db/schema";
import { AppError } from "@/server/lib/errors";
import type { Principal } from "@/server/process/context";
import type { Dashboard } from "./contract";

type Owned = Pick<Dashboard, "visibility"> & { readonly owner_id: string | null };

interface Rights {
  readonly is_own: boolean;
  readonly can_view: boolean;
  readonly can_edit: boolean;
  readonly can_manage: boolean;
}

/**
 * The rights to a dashboard. Administrators manage those that they can view: shared ones, and those without an owner,
 * but not private dashboards of others.
 */
export function rightsTo({ visibility, owner_id }: Owned, principal: Principal): Rights {
  const is_own = principal.kind === "user" && owner_id === principal.id;
  const isAdmin = principal.role === "admin";
  const can_view = is_own || visibility !== "private" || (isAdmin && owner_id === null);
  const can_manage = is_own || (isAdmin && can_view);
  return { is_own, can_view, can_edit: can_manage || visibility === "edit", can_manage };
}

/** The condition of dashboards that a principal can view: equal to `can_view`. */
export function isVisible(principal: Principal): SQL {
  const own = principal.kind === "user" ? sql`${dashboards.ownerId} = ${principal.id}` : sql`false`;
  const ownerless = principal.role === "admin" ? sql`${dashboards.ownerId} is null` : sql`false`;
  return sql`(${dashboards.visibility} <> 'private' or ${own} or ${ownerless})`;
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
