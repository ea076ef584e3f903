import { sql } from "drizzle-orm";
import { pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { user } from "./accounts";
import { timestamptz } from "./types";

/** What a person looks at often: the page's URL query of a log table under a name. */
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
    savedAt: timestamptz("saved_at").notNull().default(sql`now()`),
  },
  (table) => [unique("saved_views_name_unique").on(table.userId, table.logTable, table.name)],
);

/** When somebody last changed rows: for a while they read past every cache, in whichever process. */
export const changeMarks = pgTable("change_marks", {
  /** `user:…` or `api_key:…`. */
  principal: text("principal").primaryKey(),
  changedAt: timestamptz("changed_at").notNull().default(sql`now()`),
});
