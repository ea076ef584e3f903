import { sql } from "drizzle-orm";
import { pgTable, smallint, text } from "drizzle-orm/pg-core";
import { timestamptz } from "./types";

/** The columns masked for viewers. Has one row, or none before the first change. */
export const privacySettings = pgTable("privacy_settings", {
  id: smallint("id").primaryKey().default(1),
  maskedColumns: text("masked_columns").array().notNull(),
  changedAt: timestamptz("changed_at").notNull().default(sql`now()`),
  changedBy: text("changed_by").notNull(),
});
