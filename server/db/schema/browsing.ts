import { sql } from "drizzle-orm";
import { boolean, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { user } from "./accounts";
import { timestamptz } from "./types";

/** Saved views: the named URL query of a log table's page, of a user. */
export const savedViews = pgTable(
  "saved_views",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    /** The log table's name in the catalog. */
    logTable: text("log_table").notNull(),
    name: text("name").notNull(),
    search: text("search").notNull(),
    /** Whether everyone may open it. */
    isShared: boolean("is_shared").notNull().default(false),
    savedAt: timestamptz("saved_at").notNull().default(sql`now()`),
  },
  (table) => [unique("saved_views_name_unique").on(table.userId, table.logTable, table.name)],
);

/** When a principal last changed rows. For a minute, its reads bypass the cache in all processes. */
export const changeMarks = pgTable("change_marks", {
  /** `user:…` or `api_key:…`. */
  principal: text("principal").primaryKey(),
  changedAt: timestamptz("changed_at").notNull().default(sql`now()`),
});
