import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgTable, primaryKey, text, uuid, varchar } from "drizzle-orm/pg-core";
import { logTables } from "@/server/catalog";
import { valuesIndex } from "../values-index";
import { inet, timestamptz } from "./types";

/**
 * Log tables are RANGE-partitioned by month of created_at (UTC). Drizzle cannot express this, so the migration
 * declares it. server/db/partitions.ts creates the partitions. Indexes on text of unlimited length use a prefix,
 * because a B-tree entry is limited to 2,704 bytes.
 */

/** The import that stored the row; null for events received individually and for rows restored from an archive. */
const importId = () => integer("import_id");

export const accessLogs = pgTable(
  "access_logs",
  {
    id: uuid("id").notNull(),
    createdAt: timestamptz("created_at").notNull().default(sql`now()`),
    userId: text("user_id"),
    sessionId: varchar("session_id", { length: 64 }),
    ipAddress: inet("ip_address").notNull(),
    userAgent: text("user_agent"),
    referer: text("referer"),
    requestPath: text("request_path").notNull(),
    requestMethod: varchar("request_method", { length: 10 }),
    statusCode: integer("status_code"),
    responseTime: integer("response_time"),
    deviceType: varchar("device_type", { length: 50 }),
    browser: varchar("browser", { length: 100 }),
    os: varchar("os", { length: 100 }),
    country: varchar("country", { length: 100 }),
    region: varchar("region", { length: 100 }),
    city: varchar("city", { length: 100 }),
    extra: jsonb("extra"),
    importId: importId(),
  },
  (table) => [
    primaryKey({ name: "access_logs_pkey", columns: [table.createdAt, table.id] }),
    index("access_logs_ip_address_idx").on(table.ipAddress, table.createdAt.desc().nullsFirst()),
    index("access_logs_request_path_idx").on(sql`left(${table.requestPath}, 256)`, table.createdAt.desc().nullsFirst()),
    valuesIndex(logTables.access_logs),
  ],
);

export const userActivityLogs = pgTable(
  "user_activity_logs",
  {
    id: uuid("id").notNull(),
    createdAt: timestamptz("created_at").notNull().default(sql`now()`),
    userId: text("user_id").notNull(),
    action: varchar("action", { length: 100 }).notNull(),
    resourceType: varchar("resource_type", { length: 255 }),
    resourceId: text("resource_id"),
    details: jsonb("details"),
    ipAddress: varchar("ip_address", { length: 255 }),
    userAgent: text("user_agent"),
    sessionId: varchar("session_id", { length: 255 }),
    extra: jsonb("extra"),
    importId: importId(),
  },
  (table) => [
    primaryKey({ name: "user_activity_logs_pkey", columns: [table.createdAt, table.id] }),
    valuesIndex(logTables.user_activities),
  ],
);
