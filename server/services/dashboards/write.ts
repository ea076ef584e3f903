import type { Transaction } from "@/server/db/client";
import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import type { Dashboard, DashboardContent, DashboardInput, DashboardSave, OwnerChange } from "./contract";
import { getDashboard } from "./read";
import { ownerOf, rightsTo, type Shared } from "./rights";

/** More dashboards would not be usable as a list. */
const MAX_DASHBOARDS = 200;
/** Read by each viewer. */
const MAX_CHARACTERS = 200_000;

/** @throws AppError FORBIDDEN for API keys, CONFLICT when the owner has too many, TOO_LARGE */
export async function createDashboard(ctx: Context, principal: Principal, input: DashboardInput): Promise<Dashboard> {
  const { name, visibility, content } = input;
  const owner = ownerOf(principal);
  const stored = textOf(content);
  const id = await ctx.db.sql.begin(async (tx) => {
    const [made] = await tx<{ id: string; others: number }[]>`
      insert into dashboards (name, owner_id, visibility, content, updated_by)
      values (${name}, ${owner}, ${visibility}, ${stored}::text::jsonb, ${principal.name})
      returning id, (
        select count(*)::int from dashboards where owner_id is not distinct from ${owner}::text
      ) as others`;
    if (!made || made.others >= MAX_DASHBOARDS) throw new AppError("dashboard.too_many", { max: MAX_DASHBOARDS });
    await recordAudit(ctx, principal, "dashboard.create", { id: made.id, name, visibility }, tx);
    return made.id;
  });
  return await getDashboard(ctx, principal, id);
}

/**
 * Saves a changed dashboard.
 * @throws AppError NOT_FOUND, FORBIDDEN, TOO_LARGE; CONFLICT if it was changed since the version was read
 */
export async function saveDashboard(ctx: Context, principal: Principal, input: DashboardSave): Promise<Dashboard> {
  const { id, version, name, visibility, content } = input;
  const stored = textOf(content);
  await ctx.db.sql.begin(async (tx) => {
    const { row, rights } = await lockDashboard(tx, principal, id);
    if (!rights.can_edit) throw new AppError("dashboard.read_only", {});
    if (visibility !== row.visibility && !rights.can_manage) throw new AppError("dashboard.not_owner", {});
    if (version !== row.version) throw new AppError("dashboard.changed", { name: row.updated_by });
    await tx`
      update dashboards set
        name = ${name}, visibility = ${visibility}, content = ${stored}::text::jsonb, version = version + 1,
        updated_at = now(), updated_by = ${principal.name}
      where id = ${id}`;
    await recordAudit(ctx, principal, "dashboard.change", { id, name, visibility }, tx);
  });
  return await getDashboard(ctx, principal, id);
}

/** @throws AppError NOT_FOUND, FORBIDDEN */
export async function deleteDashboard(ctx: Context, principal: Principal, id: string): Promise<void> {
  await ctx.db.sql.begin(async (tx) => {
    const { row, rights } = await lockDashboard(tx, principal, id);
    if (!rights.can_manage) throw new AppError("dashboard.not_owner", {});
    await tx`delete from dashboards where id = ${id}`;
    await recordAudit(ctx, principal, "dashboard.delete", { id, name: row.name }, tx);
  });
}

/** Gives a dashboard another owner, such as one whose owner was deleted. @throws AppError NOT_FOUND, FORBIDDEN */
export async function changeOwner(ctx: Context, principal: Principal, { id, owner_id }: OwnerChange): Promise<void> {
  await ctx.db.sql.begin(async (tx) => {
    const { row, rights } = await lockDashboard(tx, principal, id);
    if (!rights.can_manage) throw new AppError("dashboard.not_owner", {});
    const [owner] = await tx<{ email: string }[]>`select email from "user" where id = ${owner_id} for share`;
    if (!owner) throw new AppError("account.not_found", {});
    await tx`update dashboards set owner_id = ${owner_id} where id = ${id}`;
    await recordAudit(ctx, principal, "dashboard.change-owner", { id, name: row.name, owner: owner.email }, tx);
  });
}

type Row = Pick<Dashboard, "name" | "version" | "updated_by"> & Shared;

/** Locks a dashboard that the principal can view. @throws AppError NOT_FOUND */
export async function lockDashboard(tx: Transaction, principal: Principal, id: string) {
  const [row] = await tx<Row[]>`
    select
      name, visibility, version, updated_by, owner_id, admin_access,
      (
        select access from dashboard_shares
        where dashboard_id = id and user_id = ${principal.kind === "user" ? principal.id : null}
      ) as given
    from dashboards
    where id = ${id}
    for update`;
  if (!row) throw new AppError("dashboard.not_found", {});
  const rights = rightsTo(row, principal);
  if (!rights.can_view) throw new AppError("dashboard.not_found", {});
  return { row, rights };
}

/** @throws AppError TOO_LARGE */
function textOf(content: DashboardContent): string {
  const text = JSON.stringify(content);
  if (text.length > MAX_CHARACTERS) throw new AppError("dashboard.too_large", { max: MAX_CHARACTERS });
  return text;
}
