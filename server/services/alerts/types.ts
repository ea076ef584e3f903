import type { ErrorValue } from "@/server/catalog/errors";
import type { Instant } from "@/server/lib/time";
import type { RuleName, Severity } from "./contract";

/** The event of an alert that is notified. */
export type NoticeEvent = "firing" | "still_firing" | "resolved" | "test";

/** The payload of a webhook notification. */
export interface Notice {
  readonly rule: RuleName;
  readonly subject: string;
  readonly severity: Severity;
  readonly value: number;
  readonly threshold: number;
  readonly since: Instant;
  /** Absent in notices that older versions queued. */
  readonly cause?: ErrorValue | null;
}
