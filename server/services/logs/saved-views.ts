import { and, asc, count, eq, ne, or, type SQL, sql } from "drizzle-orm";
import type { BrowsedTableName } from "@/server/catalog";
import { LOCKS } from "@/server/db/advisory-locks";
import { savedViews, user } from "@/server/db/schema";
import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import type { SavedView, ViewChange, ViewInput } from "./contract";

/** More views would not be usable as a list. */
const MAX_VIEWS = 200;

/** Lists a user's views of a log table and the shared ones by name; an API key has none. */
export async function listViews(ctx: Context, principal: Principal, table: BrowsedTableName): Promise<SavedView[]> {
  if (principal.kind !== "user") return [];
  const isVisible = or(eq(savedViews.userId, principal.id), savedViews.isShared);
  return await viewsWhere(ctx.db.read, principal, and(eq(savedViews.logTable, table), isVisible));
}

/**
 * Saves a view under a name, replacing an existing one of the user. A replaced view remains shared or private unless
 * the input states it.
 * @throws AppError FORBIDDEN for an API key, CONFLICT when there are too many
 */
export async function saveView(ctx: Context, principal: Principal, view: ViewInput): Promise<SavedView> {
  requirePerson(principal);
  const { table, name, search, is_shared } = view;
  return await ctx.db.orm.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${LOCKS.savedViews}, hashtext(${principal.id}))`);
    const [saved] = await tx
      .insert(savedViews)
      .values({ userId: principal.id, logTable: table, name, search, isShared: is_shared ?? false })
      .onConflictDoUpdate({
        target: [savedViews.userId, savedViews.logTable, savedViews.name],
        set: { search, savedAt: sql`now()`, ...(is_shared === undefined ? {} : { isShared: is_shared }) },
      })
      .returning({ id: savedViews.id });
    const own = and(eq(savedViews.userId, principal.id), eq(savedViews.logTable, table));
    const [total] = await tx.select({ count: count() }).from(savedViews).where(own);
    if (!saved || (total?.count ?? 0) > MAX_VIEWS) throw new AppError("view.too_many", { max: MAX_VIEWS });
    return await oneView(tx, principal, saved.id);
  });
}

/**
 * Renames, replaces, shares or unshares a view. A new name replaces another view of the same owner that the user may
 * change.
 * @throws AppError NOT_FOUND when it does not exist, or the user may not change it; CONFLICT when the owner has another
 * view of this name that the user may not change
 */
export async function changeView(ctx: Context, principal: Principal, change: ViewChange): Promise<SavedView> {
  requirePerson(principal);
  const { id, name, search, is_shared } = change;
  return await ctx.db.orm.transaction(async (tx) => {
    const [view] = await tx
      .select({ userId: savedViews.userId, logTable: savedViews.logTable })
      .from(savedViews)
      .where(and(eq(savedViews.id, id), isChangeable(principal)))
      .for("update");
    if (!view) throw new AppError("view.not_found", {});
    if (name !== undefined) {
      const named = and(
        eq(savedViews.userId, view.userId),
        eq(savedViews.logTable, view.logTable),
        eq(savedViews.name, name),
        ne(savedViews.id, id),
      );
      await tx.delete(savedViews).where(and(named, isChangeable(principal)));
      if ((await tx.$count(savedViews, named)) > 0) throw new AppError("view.name_taken", {});
    }
    await tx
      .update(savedViews)
      .set({ name, search, isShared: is_shared, savedAt: sql`now()` })
      .where(eq(savedViews.id, id));
    return await oneView(tx, principal, id);
  });
}

/**
 * Deletes a view: an own one, or for administrators a shared one.
 * @throws AppError NOT_FOUND when it does not exist, or the user may not delete it
 */
export async function removeView(ctx: Context, principal: Principal, id: string): Promise<void> {
  requirePerson(principal);
  const deleted = await ctx.db.orm
    .delete(savedViews)
    .where(and(eq(savedViews.id, id), isChangeable(principal)))
    .returning({ id: savedViews.id });
  if (deleted.length === 0) throw new AppError("view.not_found", {});
}

/** Private views of other users are not visible to administrators either. */
function isChangeable(principal: Principal): SQL | undefined {
  const isOwn = eq(savedViews.userId, principal.id);
  return principal.role === "admin" ? or(isOwn, savedViews.isShared) : isOwn;
}

type Reader = Pick<Context["db"]["orm"], "select">;

async function oneView(db: Reader, principal: Principal, id: string): Promise<SavedView> {
  const [view] = await viewsWhere(db, principal, eq(savedViews.id, id));
  if (!view) throw new AppError("view.not_found", {});
  return view;
}

async function viewsWhere(db: Reader, principal: Principal, condition: SQL | undefined): Promise<SavedView[]> {
  return await db
    .select({
      id: savedViews.id,
      name: savedViews.name,
      search: savedViews.search,
      saved_at: savedViews.savedAt,
      is_shared: savedViews.isShared,
      is_own: sql<boolean>`${savedViews.userId} = ${principal.id}`,
      can_change: sql<boolean>`${isChangeable(principal)}`,
      owner: user.email,
    })
    .from(savedViews)
    .innerJoin(user, eq(user.id, savedViews.userId))
    .where(condition)
    .orderBy(asc(savedViews.name), asc(savedViews.id));
}

function requirePerson(principal: Principal): void {
  if (principal.kind !== "user") throw new AppError("view.needs_user", {});
}
