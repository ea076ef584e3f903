import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { user } from "./accounts";
import { timestamptz } from "./types";

export const dashboards = pgTable(
  "dashboards",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    name: text("name").notNull(),
    /** Null after the owner was deleted: administrators can give it another owner. */
    ownerId: text("owner_id").references(() => user.id, { onDelete: "set null" }),
    visibility: text("visibility", { enum: ["private", "view", "edit"] }).notNull(),
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
  ],
);
