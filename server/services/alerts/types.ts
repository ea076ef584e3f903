import type { Instant } from "@/server/lib/time";
import type { RuleName } from "./rules";
import type { AlertUnit } from "./units";

export const ALERT_STATES = ["firing", "acknowledged", "resolved"] as const;

export type AlertState = (typeof ALERT_STATES)[number];

/** An alert as the API shows it. */
export interface Alert {
  readonly id: string;
  readonly rule: RuleName;
  /** What of: a queue, a task, a disk; empty where there is one only. */
  readonly subject: string;
  readonly severity: "warning" | "critical";
  readonly state: AlertState;
  readonly value: number;
  readonly threshold: number;
  /** What the two are in; of a flag they say nothing. */
  readonly unit: AlertUnit;
  /** Since when it was over its threshold. */
  readonly since: Instant;
  readonly fired_at: Instant;
  readonly resolved_at: Instant | null;
  readonly acknowledged_at: Instant | null;
  readonly acknowledged_by: string | null;
  /** In English. */
  readonly message: string;
}

/** What became of an alert, as it is told. */
export type NoticeEvent = "firing" | "still_firing" | "resolved" | "test";

/** What a webhook is told. */
export interface Notice {
  readonly rule: RuleName;
  readonly subject: string;
  readonly severity: "warning" | "critical";
  readonly value: number;
  readonly threshold: number;
  readonly since: Instant;
}
