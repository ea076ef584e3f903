import { z } from "zod";
import { LOCALES } from "@/messages/locales";
import { storedError } from "@/server/catalog/errors";
import { WEBHOOK_FORMATS } from "@/server/catalog/webhook-formats";
import { forwardPage, instant, paging } from "@/server/lib/contract";

/** All alert rules, in display order. */
export const RULE_NAMES = [
  "database_unreachable",
  "redis_unreachable",
  "redis_refuses_writes",
  "queue_wrong_type",
  "queue_stalled",
  "no_worker",
  "collector_down",
  "queue_length",
  "oldest_event",
  "failure_rate",
  "disk_usage",
  "task_failed",
  "task_missed",
  "retention_stalled",
  "cleanup_overdue",
  "archive_damaged",
  "files_unavailable",
  "several_disks",
  "clock_skew",
  "query_time",
] as const;
export type RuleName = (typeof RULE_NAMES)[number];

const ALERT_STATES = ["firing", "acknowledged", "resolved"] as const;

const subject = z.string().describe("A queue, task, disk or collector; empty for global rules");
/** `flag`: a state that is true or false, with the fixed threshold 0. */
const unit = z.enum(["count", "ratio", "seconds", "flag"]);
export type AlertUnit = z.infer<typeof unit>;
const severity = z.enum(["warning", "critical"]);
export type Severity = z.infer<typeof severity>;

export const alertKey = z.strictObject({ id: z.guid() });

export const alertsQuery = z.strictObject({
  state: z
    .enum([...ALERT_STATES, "open"])
    .optional()
    .describe("`open` includes firing and acknowledged alerts"),
  ...paging,
});

/** The query for services. Without a limit, up to 100 alerts. */
export type AlertsQuery = Partial<z.infer<typeof alertsQuery>>;

export const alert = z.object({
  id: z.guid(),
  rule: z.enum(RULE_NAMES),
  subject,
  severity,
  state: z.enum(ALERT_STATES),
  value: z.number(),
  threshold: z.number(),
  unit,
  since: instant.describe("The time at which the value exceeded the threshold"),
  fired_at: instant,
  resolved_at: instant.nullable(),
  acknowledged_at: instant.nullable(),
  acknowledged_by: z.string().nullable(),
  recovering: z
    .boolean()
    .describe("Whether the value is within the threshold again; the alert resolves after the clear period of its rule"),
  cause: storedError.nullable().describe("Null when unknown, or when the rule itself names it"),
  message: z.string().describe("With the cause"),
});
export type Alert = z.infer<typeof alert>;

export const alertPage = forwardPage(alert);
export type AlertPage = z.infer<typeof alertPage>;

/** An alert as GET /queue-status lists it. */
export const openAlert = alert.pick({
  id: true,
  rule: true,
  subject: true,
  state: true,
  severity: true,
  value: true,
  threshold: true,
  since: true,
  message: true,
});

/** A rule with its current settings. */
const ruleSetting = z.object({
  rule: z.enum(RULE_NAMES),
  severity,
  unit,
  enabled: z.boolean(),
  threshold: z.number(),
  default_threshold: z.number(),
  pending_seconds: z.number(),
  clear_seconds: z.number(),
  changed_at: instant.nullable(),
  changed_by: z.string().nullable(),
});
export type RuleSetting = z.infer<typeof ruleSetting>;

export const ruleChange = z.strictObject({
  rule: z.enum(RULE_NAMES),
  enabled: z.boolean().optional(),
  threshold: z.number().nullable().optional().describe("Null resets it to the configured one"),
});
export type RuleChange = Omit<z.infer<typeof ruleChange>, "rule">;

/** A webhook in lists, with only the host of its URL, since the rest is its secret. */
const webhook = z.object({
  id: z.guid().nullable().describe("Null for the configured webhook"),
  name: z.string().nullable(),
  host: z.string(),
  format: z.enum(WEBHOOK_FORMATS),
  locale: z.enum(LOCALES),
  is_signed: z.boolean(),
  enabled: z.boolean(),
  created_by: z.string().nullable(),
  last: z
    .object({
      at: instant,
      delivered: z.boolean(),
      waiting: z.boolean().describe("Whether it will be retried"),
      error: storedError.nullable(),
    })
    .nullable()
    .describe("The latest message that was attempted"),
});
export type Webhook = z.infer<typeof webhook>;

export const webhookInput = z.strictObject({
  name: z.string().trim().min(1).max(100),
  url: z.string().max(2_000),
  format: z.enum(WEBHOOK_FORMATS),
  secret: z
    .string()
    .min(1)
    .max(500)
    .nullable()
    .describe("The signing secret; not stored for formats without signatures"),
  locale: z.enum(LOCALES),
});
export type WebhookInput = z.infer<typeof webhookInput>;

/** The fields to change; others are unchanged. */
export const webhookChange = webhookInput.extend({ enabled: z.boolean() }).partial().extend({ id: z.guid() });
export type WebhookChange = Omit<z.infer<typeof webhookChange>, "id">;

export const webhookKey = z.strictObject({ id: z.guid() });
export const webhookTestKey = z.strictObject({ id: z.guid().nullable() });
