import { and, asc, count, eq, sql } from "drizzle-orm";
import type { BrowsedTableName } from "@/server/catalog";
import { LOCKS } from "@/server/db/advisory-locks";
import { savedViews } from "@/server/db/schema";
import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import type { SavedView, ViewInput } from "./contract";

/** More views would not be usable as a list. */
const MAX_VIEWS = 200;

const shape = {
  id: savedViews.id,
  name: savedViews.name,
  search: savedViews.search,
  saved_at: savedViews.savedAt,
};

/** Lists a user's views of a log table by name; an API key has none. */
export async function listViews(ctx: Context, principal: Principal, table: BrowsedTableName): Promise<SavedView[]> {
  if (principal.kind !== "user") return [];
  return await ctx.db.read
    .select(shape)
    .from(savedViews)
    .where(ownViews(principal, table))
    .orderBy(asc(savedViews.name));
}

/**
 * Saves a view under a name, replacing an existing one.
 * @throws AppError FORBIDDEN for an API key, CONFLICT when there are too many
 */
export async function saveView(ctx: Context, principal: Principal, view: ViewInput): Promise<SavedView> {
  requirePerson(principal);
  return await ctx.db.orm.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${LOCKS.savedViews}, hashtext(${principal.id}))`);
    const [saved] = await tx
      .insert(savedViews)
      .values({ userId: principal.id, logTable: view.table, name: view.name, search: view.search })
      .onConflictDoUpdate({
        target: [savedViews.userId, savedViews.logTable, savedViews.name],
        set: { search: view.search, savedAt: sql`now()` },
      })
      .returning(shape);
    const [total] = await tx.select({ count: count() }).from(savedViews).where(ownViews(principal, view.table));
    if (!saved || (total?.count ?? 0) > MAX_VIEWS) {
      throw new AppError("view.too_many", { max: MAX_VIEWS });
    }
    return saved;
  });
}

/**
 * Deletes one of the user's own views.
 * @throws AppError NOT_FOUND when it does not exist, or belongs to another user
 */
export async function removeView(ctx: Context, principal: Principal, id: string): Promise<void> {
  requirePerson(principal);
  const deleted = await ctx.db.orm
    .delete(savedViews)
    .where(and(eq(savedViews.id, id), eq(savedViews.userId, principal.id)))
    .returning({ id: savedViews.id });
  if (deleted.length === 0) throw new AppError("view.not_found", {});
}

function ownViews(principal: Principal, table: BrowsedTableName) {
  return and(eq(savedViews.userId, principal.id), eq(savedViews.logTable, table));
}

function requirePerson(principal: Principal): void {
  if (principal.kind !== "user") throw new AppError("view.needs_user", {});
}
