import { sql } from "drizzle-orm";
import { bigint, index, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { timestamptz } from "./types";

/** Who did what; rows are only ever added. */
export const auditLog = pgTable(
  "audit_log",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: timestamptz("at").notNull().default(sql`now()`),
    actorKind: text("actor_kind", { enum: ["user", "api_key", "system"] }).notNull(),
    actorId: text("actor_id").notNull(),
    /** As it was called then. */
    actorName: text("actor_name").notNull(),
    /** `export.start`, `export.download`: what was done to, a dot, what was done. */
    action: text("action").notNull(),
    details: jsonb("details").notNull(),
  },
  (table) => [
    index("audit_log_at_idx").on(table.at.desc().nullsFirst(), table.id.desc().nullsFirst()),
    index("audit_log_action_idx").on(table.action, table.at.desc().nullsFirst()),
  ],
);
