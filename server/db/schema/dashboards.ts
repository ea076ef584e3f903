import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { user } from "./accounts";
import { timestamptz } from "./types";

const ACCESS = ["view", "edit"] as const;

export const dashboards = pgTable(
  "dashboards",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    name: text("name").notNull(),
    /** Null after the owner was deleted: administrators can give it another owner. */
    ownerId: text("owner_id").references(() => user.id, { onDelete: "set null" }),
    visibility: text("visibility", { enum: ["private", "view", "edit"] }).notNull(),
    /** What administrators may do with a private one; null for nothing. */
    adminAccess: text("admin_access", { enum: ACCESS }),
    /** The time range, filter and panels; validated when written and when read. */
    content: jsonb("content").notNull(),
    /** Increased by each change. A change states the version that it is based on. */
    version: integer("version").notNull().default(1),
    updatedAt: timestamptz("updated_at").notNull().default(sql`now()`),
    updatedBy: text("updated_by").notNull(),
  },
  (table) => [
    index("dashboards_owner_id_idx").on(table.ownerId),
    check("dashboards_visibility_check", sql`${table.visibility} in ('private', 'view', 'edit')`),
    check("dashboards_admin_access_check", sql`${table.adminAccess} in ('view', 'edit')`),
  ],
);

/** The users with whom a dashboard is shared by name. */
export const dashboardShares = pgTable(
  "dashboard_shares",
  {
    dashboardId: uuid("dashboard_id")
      .notNull()
      .references(() => dashboards.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    access: text("access", { enum: ACCESS }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.dashboardId, table.userId] }),
    index("dashboard_shares_user_id_idx").on(table.userId),
    check("dashboard_shares_access_check", sql`${table.access} in ('view', 'edit')`),
  ],
);
