import { sql } from "drizzle-orm";
import { index, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { browsedTables } from "@/server/catalog";
import { valuesIndex } from "../values-index";
import { inet, timestamptz } from "./types";

/** Who did what; rows are only ever added (docs/decisions/0029). */
export const auditLog = pgTable(
  "audit_log",
  {
    id: uuid("id").notNull().default(sql`gen_random_uuid()`),
    /** Of the deed, not of its transaction: two of one transaction stay in their order. */
    createdAt: timestamptz("created_at").notNull().default(sql`clock_timestamp()`),
    actorKind: text("actor_kind", { enum: ["user", "api_key", "system", "nobody"] }).notNull(),
    actorId: text("actor_id").notNull(),
    /** As it was called then. */
    actorName: text("actor_name").notNull(),
    /** `export.start`, `export.download`: what was done to, a dot, what was done. */
    action: text("action").notNull(),
    result: text("result", { enum: ["ok", "refused", "failed"] })
      .notNull()
      .default("ok"),
    details: jsonb("details").notNull(),
    /** Null for what no request asked for. */
    ipAddress: inet("ip_address"),
    userAgent: text("user_agent"),
  },
  (table) => [
    primaryKey({ name: "audit_log_pkey", columns: [table.createdAt, table.id] }),
    index("audit_log_action_idx").on(sql`left(${table.action}, 256)`, table.createdAt.desc().nullsFirst()),
    index("audit_log_ip_address_idx").on(table.ipAddress, table.createdAt.desc().nullsFirst()),
    valuesIndex(browsedTables.audit_log),
  ],
);
