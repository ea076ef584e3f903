import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { ErrorValue } from "@/server/catalog/errors";
import { timestamptz } from "./types";

const count = (name: string) => bigint(name, { mode: "number" }).notNull().default(0);

/** Clock differences of the web and worker processes and of the queue's server, relative to PostgreSQL. */
export const processClocks = pgTable("process_clocks", {
  /** `HOST (PID)` */
  process: text("process").primaryKey(),
  /** Milliseconds ahead. */
  differenceMs: doublePrecision("difference_ms").notNull(),
  /** Null if the queue is in PostgreSQL or does not respond. */
  queueDifferenceMs: doublePrecision("queue_difference_ms"),
  readAt: timestamptz("read_at").notNull(),
});

/**
 * Metrics: one row per metric and minute, rolled up into five-minute slots, hours and days. `total`, at the epoch:
 * since installation. `grain` is the first key column, so that expired rows are one range of the key.
 */
export const metrics = pgTable(
  "metrics",
  {
    grain: text("grain", { enum: ["minute", "slot", "hour", "day", "total"] }).notNull(),
    at: timestamptz("at").notNull(),
    /** The name in the metric catalog: `queue_length`. */
    name: text("name").notNull(),
    /** The subject: a queue, a table or a procedure; empty if there is only one. */
    label: text("label").notNull().default(""),
    /** Number of samples, or of calls for a timer. With sum, min and max, it gives the mean and range of any period. */
    count: count("count"),
    sum: doublePrecision("sum").notNull(),
    min: doublePrecision("min").notNull(),
    max: doublePrecision("max").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.grain, table.at, table.name, table.label] }),
    index("metrics_name_idx").on(table.name, table.grain, table.at),
  ],
);

/**
 * Dirty ranges: periods of a log table whose rows changed. Written in the transaction that changes the rows, and
 * consumed by the recount.
 */
export const dirtyRanges = pgTable("dirty_ranges", {
  table: text("log_table").notNull(),
  startsAt: timestamptz("starts_at").notNull(),
  /** Exclusive. */
  endsAt: timestamptz("ends_at").notNull(),
});

/** Dirty hours (in APP_TIMEZONE): hours whose counts are older than their rows. */
export const dirtyHours = pgTable(
  "dirty_hours",
  {
    table: text("log_table").notNull(),
    hour: timestamptz("hour").notNull(),
    since: timestamptz("since").notNull().default(sql`now()`),
  },
  (table) => [primaryKey({ columns: [table.table, table.hour] })],
);

/** Row counts of a log table by period, dimension and value. */
export const traffic = pgTable(
  "traffic",
  {
    table: text("log_table").notNull(),
    /** `slot`: five minutes. Days are in APP_TIMEZONE. */
    grain: text("grain", { enum: ["slot", "hour", "day"] }).notNull(),
    /**
     * `all`, `status`, `latency`, `path`, …; `distinct`: the number of values of a dimension, `none`: rows without a
     * value.
     */
    dimension: text("dimension").notNull(),
    at: timestamptz("at").notNull(),
    value: text("value").notNull(),
    rows: count("rows"),
    /** Rows with a response time: their number, and the sum and maximum of the response times in milliseconds. */
    timed: count("timed"),
    timeSum: count("time_sum"),
    timeMax: count("time_max"),
  },
  (table) => [primaryKey({ columns: [table.table, table.grain, table.dimension, table.at, table.value] })],
);

/** Changes of alert rules by an administrator. The rules are defined in server/services/alerts/rules.ts. */
export const alertRules = pgTable("alert_rules", {
  rule: text("rule").primaryKey(),
  enabled: boolean("enabled").notNull().default(true),
  /** Null for the configured one. */
  threshold: doublePrecision("threshold"),
  changedAt: timestamptz("changed_at").notNull().default(sql`now()`),
  changedBy: text("changed_by"),
});

/** Active and past alerts. */
export const alerts = pgTable(
  "alerts",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    rule: text("rule").notNull(),
    /** The subject: a queue, a task or an archive; empty if there is only one. */
    subject: text("subject").notNull().default(""),
    severity: text("severity", { enum: ["warning", "critical"] }).notNull(),
    /** `pending`: over the threshold, but not for long enough; not shown. */
    state: text("state", { enum: ["pending", "firing", "acknowledged", "resolved"] }).notNull(),
    value: doublePrecision("value").notNull(),
    threshold: doublePrecision("threshold").notNull(),
    /** The cause at the last evaluation; null when unknown, or when the rule itself names it. */
    cause: jsonb("cause").$type<ErrorValue>(),
    /** When the value exceeded the threshold. */
    since: timestamptz("since").notNull(),
    firedAt: timestamptz("fired_at"),
    /** When the value returned below the threshold, until the alert is resolved. */
    clearSince: timestamptz("clear_since"),
    resolvedAt: timestamptz("resolved_at"),
    acknowledgedAt: timestamptz("acknowledged_at"),
    acknowledgedBy: text("acknowledged_by"),
    notifiedAt: timestamptz("notified_at"),
  },
  (table) => [
    check("alerts_state_known", sql`state in ('pending', 'firing', 'acknowledged', 'resolved')`),
    uniqueIndex("alerts_open_idx").on(table.rule, table.subject).where(sql`state <> 'resolved'`),
    index("alerts_fired_at_idx").on(table.firedAt.desc().nullsFirst(), table.id.desc().nullsFirst()),
    index("alerts_rule_idx").on(table.rule, table.subject, table.notifiedAt),
  ],
);

/** Notification channels, in addition to the URL in the configuration. */
export const alertWebhooks = pgTable("alert_webhooks", {
  id: uuid("id").primaryKey().defaultRandom(),
  name: text("name").notNull(),
  /** Contains the service's secret, so it is never shown again. */
  url: text("url").notNull(),
  format: text("format", { enum: ["generic", "slack", "dingtalk", "feishu", "wecom"] }).notNull(),
  /** Signs messages if the format supports signatures. Never shown again. */
  secret: text("secret"),
  locale: text("locale", { enum: ["en", "zh-CN"] }).notNull(),
  enabled: boolean("enabled").notNull().default(true),
  createdAt: timestamptz("created_at").notNull().default(sql`now()`),
  createdBy: text("created_by").notNull(),
});

/** Notifications and the results of their delivery. */
export const alertDeliveries = pgTable(
  "alert_deliveries",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** Null for the URL in the configuration. */
    webhookId: uuid("webhook_id").references(() => alertWebhooks.id, { onDelete: "cascade" }),
    alertId: uuid("alert_id").references(() => alerts.id, { onDelete: "cascade" }),
    event: text("event", { enum: ["firing", "still_firing", "resolved", "test"] }).notNull(),
    /** The content: the alert at the time of the notification. */
    notice: jsonb("notice").notNull(),
    createdAt: timestamptz("created_at").notNull().default(sql`now()`),
    attempts: integer("attempts").notNull().default(0),
    nextAttemptAt: timestamptz("next_attempt_at").default(sql`now()`),
    deliveredAt: timestamptz("delivered_at"),
    error: jsonb("error").$type<ErrorValue>(),
  },
  (table) => [
    index("alert_deliveries_due_idx").on(table.nextAttemptAt).where(sql`next_attempt_at is not null`),
    index("alert_deliveries_alert_idx").on(table.alertId),
    index("alert_deliveries_webhook_idx").on(table.webhookId, table.createdAt),
  ],
);

/** Internal state of monitoring, such as the time zone of the hours in `traffic`. */
export const monitoringState = pgTable("monitoring_state", {
  name: text("name").primaryKey(),
  value: text("value").notNull(),
});
