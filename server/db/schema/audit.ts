import { sql } from "drizzle-orm";
import { index, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { browsedTables } from "@/server/catalog";
import { valuesIndex } from "../values-index";
import { inet, timestamptz } from "./types";

/** The audit log. Rows are only ever added (docs/decisions/0029). */
export const auditLog = pgTable(
  "audit_log",
  {
    id: uuid("id").notNull().default(sql`gen_random_uuid()`),
    /** The time of the action rather than of its transaction, so that actions of one transaction keep their order. */
    createdAt: timestamptz("created_at").notNull().default(sql`clock_timestamp()`),
    actorKind: text("actor_kind", { enum: ["user", "api_key", "system", "nobody"] }).notNull(),
    actorId: text("actor_id").notNull(),
    /** The actor's name at the time of the action. */
    actorName: text("actor_name").notNull(),
    /** `export.start`, `export.download`: the object type, a dot and the action. */
    action: text("action").notNull(),
    result: text("result", { enum: ["ok", "refused", "failed"] })
      .notNull()
      .default("ok"),
    details: jsonb("details").notNull(),
    /** Null for actions without a request. */
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
