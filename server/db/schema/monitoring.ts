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
import { timestamptz } from "./types";

const count = (name: string) => bigint(name, { mode: "number" }).notNull().default(0);

/** By how much the clocks of the web and worker processes, and of the queue's store, differ from PostgreSQL's. */
export const processClocks = pgTable("process_clocks", {
  /** `HOST (PID)` */
  process: text("process").primaryKey(),
  /** Milliseconds ahead. */
  differenceMs: doublePrecision("difference_ms").notNull(),
  /** Null where the queue is in PostgreSQL, or does not answer. */
  queueDifferenceMs: doublePrecision("queue_difference_ms"),
  readAt: timestamptz("read_at").notNull(),
});

/**
 * What was measured, a row a measure and minute; rolled up into slots of five minutes, hours and days. `total`, at the
 * epoch: since ever. `grain` first: what is old goes by one range of the key.
 */
export const measures = pgTable(
  "measures",
  {
    grain: text("grain", { enum: ["minute", "slot", "hour", "day", "total"] }).notNull(),
    at: timestamptz("at").notNull(),
    /** As in the catalog of measures: `queue_length`. */
    name: text("name").notNull(),
    /** What of: a queue, a table, a procedure; empty where there is one only. */
    label: text("label").notNull().default(""),
    /** Readings, or for a timer the calls; with sum, least and most the mean and range of any period follow. */
    count: count("count"),
    sum: doublePrecision("sum").notNull(),
    least: doublePrecision("least").notNull(),
    most: doublePrecision("most").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.grain, table.at, table.name, table.label] }),
    index("measures_name_idx").on(table.name, table.grain, table.at),
  ],
);

/** Hours of a log table whose rows changed: written in the transaction that changed them, and taken by who counts them anew. */
export const touchedHours = pgTable("touched_hours", {
  table: text("log_table").notNull(),
  startsAt: timestamptz("starts_at").notNull(),
  /** Exclusive. */
  endsAt: timestamptz("ends_at").notNull(),
});

/** Hours (of APP_TIMEZONE) whose counts are older than their rows. */
export const staleHours = pgTable(
  "stale_hours",
  {
    table: text("log_table").notNull(),
    hour: timestamptz("hour").notNull(),
    since: timestamptz("since").notNull().default(sql`now()`),
  },
  (table) => [primaryKey({ columns: [table.table, table.hour] })],
);

/** The rows of a log table counted by what is in them, a row a period, dimension and value. */
export const traffic = pgTable(
  "traffic",
  {
    table: text("log_table").notNull(),
    /** `slot`: five minutes. Days are those of APP_TIMEZONE. */
    grain: text("grain", { enum: ["slot", "hour", "day"] }).notNull(),
    /** `all`, `status`, `latency`, `path`, …; `distinct`: how many values a dimension had, `none`: rows without one. */
    dimension: text("dimension").notNull(),
    at: timestamptz("at").notNull(),
    value: text("value").notNull(),
    rows: count("rows"),
    /** Of the rows that have a response time: how many, their sum and the longest, in milliseconds. */
    timed: count("timed"),
    timeSum: count("time_sum"),
    timeMost: count("time_most"),
  },
  (table) => [primaryKey({ columns: [table.table, table.grain, table.dimension, table.at, table.value] })],
);

/** What an administrator changed of an alert rule; rules themselves are in the catalog. */
export const alertRules = pgTable("alert_rules", {
  rule: text("rule").primaryKey(),
  enabled: boolean("enabled").notNull().default(true),
  /** Null for the configuration's. */
  threshold: doublePrecision("threshold"),
  changedAt: timestamptz("changed_at").notNull().default(sql`now()`),
  changedBy: text("changed_by"),
});

/** Alerts, those under way and those that were. */
export const alerts = pgTable(
  "alerts",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    rule: text("rule").notNull(),
    /** What of: a queue, a task, an archive; empty where there is one only. */
    subject: text("subject").notNull().default(""),
    severity: text("severity", { enum: ["warning", "critical"] }).notNull(),
    /** `pending`: over its threshold, but not for long enough; shown to nobody. */
    state: text("state", { enum: ["pending", "firing", "acknowledged", "resolved"] }).notNull(),
    value: doublePrecision("value").notNull(),
    threshold: doublePrecision("threshold").notNull(),
    /** Since when it was over its threshold. */
    since: timestamptz("since").notNull(),
    firedAt: timestamptz("fired_at"),
    /** Since when it has been below again, while it is not yet resolved. */
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

/** Where alerts are sent besides the address in the configuration. */
export const alertWebhooks = pgTable("alert_webhooks", {
  id: uuid("id").primaryKey().defaultRandom(),
  name: text("name").notNull(),
  /** Holds the service's secret, so it is never shown again. */
  url: text("url").notNull(),
  format: text("format", { enum: ["generic", "slack", "dingtalk", "feishu", "wecom"] }).notNull(),
  /** Signs messages, where the format knows signatures; never shown again. */
  secret: text("secret"),
  locale: text("locale", { enum: ["en", "zh-CN"] }).notNull(),
  enabled: boolean("enabled").notNull().default(true),
  createdAt: timestamptz("created_at").notNull().default(sql`now()`),
  createdBy: text("created_by").notNull(),
});

/** Messages on their way to a webhook, and what became of them. */
export const alertDeliveries = pgTable(
  "alert_deliveries",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** Null for the configuration's address. */
    webhookId: uuid("webhook_id").references(() => alertWebhooks.id, { onDelete: "cascade" }),
    alertId: uuid("alert_id").references(() => alerts.id, { onDelete: "cascade" }),
    event: text("event", { enum: ["firing", "still_firing", "resolved", "test"] }).notNull(),
    /** What is told: the alert as it was then. */
    notice: jsonb("notice").notNull(),
    createdAt: timestamptz("created_at").notNull().default(sql`now()`),
    attempts: integer("attempts").notNull().default(0),
    nextAttemptAt: timestamptz("next_attempt_at").default(sql`now()`),
    deliveredAt: timestamptz("delivered_at"),
    error: text("error"),
  },
  (table) => [
    index("alert_deliveries_due_idx").on(table.nextAttemptAt).where(sql`next_attempt_at is not null`),
    index("alert_deliveries_alert_idx").on(table.alertId),
    index("alert_deliveries_webhook_idx").on(table.webhookId, table.createdAt),
  ],
);

/** What monitoring itself remembers, such as the time zone that the hours of `traffic` are of. */
export const monitoringState = pgTable("monitoring_state", {
  name: text("name").primaryKey(),
  value: text("value").notNull(),
});
