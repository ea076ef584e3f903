import { sql } from "drizzle-orm";
import { pgTable, text } from "drizzle-orm/pg-core";
import { timestamptz } from "./types";

/** The stores of files: disks and object stores that processes have used. */
export const fileStores = pgTable("file_stores", {
  /** `disk:UUID` or `s3:UUID`. The store itself contains it too. */
  id: text("id").primaryKey(),
  /** Machine and folder, or the bucket. */
  location: text("location").notNull(),
  createdAt: timestamptz("created_at").notNull().default(sql`now()`),
});
