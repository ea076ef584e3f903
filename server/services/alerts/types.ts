import type { Instant } from "@/server/lib/time";
import type { RuleName } from "./rules";
import type { AlertUnit } from "./units";

export const ALERT_STATES = ["firing", "acknowledged", "resolved"] as const;

export type AlertState = (typeof ALERT_STATES)[number];

/** An alert as returned by the API. */
export interface Alert {
  readonly id: string;
  readonly rule: RuleName;
  /** A queue, task or disk; empty for global rules. */
  readonly subject: string;
  readonly severity: "warning" | "critical";
  readonly state: AlertState;
  readonly value: number;
  readonly threshold: number;
  /** The unit of both; without meaning for a flag. */
  readonly unit: AlertUnit;
  /** Since when the value exceeded the threshold. */
  readonly since: Instant;
  readonly fired_at: Instant;
  readonly resolved_at: Instant | null;
  readonly acknowledged_at: Instant | null;
  readonly acknowledged_by: string | null;
  /** In English. */
  readonly message: string;
}

/** The event of an alert that is notified. */
export type NoticeEvent = "firing" | "still_firing" | "resolved" | "test";

/** The payload of a webhook notification. */
export interface Notice {
  readonly rule: RuleName;
  readonly subject: string;
  readonly severity: "warning" | "critical";
  readonly value: number;
  readonly threshold: number;
  readonly since: Instant;
}
