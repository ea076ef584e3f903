import { z } from "zod";
import { ALERT_STATES, ALERT_UNITS, type Alert, type AlertPage, RULE_NAMES } from "@/server/services/alerts";
import { instant } from "./instant";

/** The answer to POST /alerts/ID/acknowledge. */
export const alertAnswer = z.object({
  id: z.guid(),
  rule: z.enum(RULE_NAMES),
  subject: z.string().describe("What of: a queue, a task, a disk; empty where there is one only"),
  severity: z.enum(["warning", "critical"]),
  state: z.enum(ALERT_STATES),
  value: z.number(),
  threshold: z.number(),
  unit: z.enum(ALERT_UNITS),
  since: instant.describe("Over its threshold since then"),
  fired_at: instant,
  resolved_at: instant.nullable(),
  acknowledged_at: instant.nullable(),
  acknowledged_by: z.string().nullable(),
  message: z.string(),
}) satisfies z.ZodType<Alert>;

/** The answer to GET /alerts. */
export const alertsAnswer = z.object({
  items: z.array(alertAnswer),
  next_cursor: z.string().nullable(),
}) satisfies z.ZodType<AlertPage>;
