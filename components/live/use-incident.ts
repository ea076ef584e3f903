"use client";

import { useTranslations } from "next-intl";
import { QUEUE_PROBLEMS, type QueueProblem } from "@/server/catalog/queue-problems";
import type { Alert } from "../alerts/use-alert-text";
import { type QueueStatus, useQueueWatch } from "./queue-watch";
import { useStreamsFull } from "./use-streams-full";

/** What is wrong now, as one incident. */
interface Incident {
  readonly kind: "lost" | "down" | "degraded" | "alerts";
  readonly severity: "critical" | "warning";
  readonly title: string;
  /** Omitted if the first alert describes it. */
  readonly text?: string;
  /** The firing alerts, the cause first and its consequences last. */
  readonly alerts: readonly Alert[];
  /** Whether a firing alert reports it too. */
  readonly isReported: boolean;
  /** Whether the figures on the page are those of the last update. */
  readonly isOutdated: boolean;
}

const TEXTS = {
  unreachable: "degraded",
  wrong_type: "degradedWrongType",
  refuses_writes: "degradedRefuses",
  no_worker: "degradedWorkers",
  stalled: "degradedStalled",
} as const satisfies Record<QueueProblem, string>;

/** The rule that fires for a problem, so that both are shown as one. */
const RULES: Partial<Record<Alert["rule"], QueueProblem>> = {
  redis_unreachable: "unreachable",
  queue_wrong_type: "wrong_type",
  redis_refuses_writes: "refuses_writes",
  no_worker: "no_worker",
  queue_stalled: "stalled",
};

/** Returns the current incident; null as soon as it is over, although alerts resolve only after their clear period. */
export function useIncident(): Incident | null {
  const t = useTranslations("connection");
  const tAlerts = useTranslations("alerts");
  const { status, alerts, connection, updatedAt } = useQueueWatch();
  const isFull = useStreamsFull(connection === "reconnecting");
  if (connection === "reconnecting") {
    return {
      kind: "lost",
      severity: "warning",
      title: t(isFull ? "fullTitle" : "lostTitle"),
      text: t(isFull ? "full" : updatedAt === null ? "lostEarly" : "lost"),
      alerts: [],
      isReported: false,
      isOutdated: updatedAt !== null,
    };
  }
  if (connection === "down") {
    const [title, text] = [t("downTitle"), t("downHint")];
    const isOutdated = updatedAt !== null;
    return { kind: "down", severity: "critical", title, text, alerts: [], isReported: false, isOutdated };
  }
  const firing = (alerts ?? [])
    .filter(({ state, recovering }) => state === "firing" && !recovering)
    .toSorted((a, b) => rank(a) - rank(b));
  const problem = status && problemOf(status);
  if (problem) {
    return {
      kind: "degraded",
      severity: "critical",
      title: t("degradedTitle"),
      text: t(TEXTS[problem], { refusal: refusalOf(status) }),
      alerts: firing.filter(({ rule }) => RULES[rule] !== problem),
      isReported: firing.some(({ rule }) => RULES[rule] === problem),
      isOutdated: false,
    };
  }
  const [first] = firing;
  if (!first) return null;
  return {
    kind: "alerts",
    severity: first.severity,
    title: tAlerts("banner", { count: firing.length }),
    alerts: firing,
    isReported: true,
    isOutdated: false,
  };
}

/** Causes first: an alert whose cause is another condition comes last. */
function rank({ severity, cause }: Alert): number {
  const isConsequence = cause?.code === "alert.no_worker" || cause?.code === "alert.paused";
  return (isConsequence ? 2 : 0) + (severity === "critical" ? 0 : 1);
}

/** The most severe problem of any queue. Without a worker, jobs and scheduled tasks wait too, even if no event does. */
function problemOf({ queues, workers }: QueueStatus): QueueProblem | undefined {
  const worst = QUEUE_PROBLEMS.find((problem) => Object.values(queues).some((queue) => queue.problem === problem));
  return workers.length === 0 && (worst === undefined || worst === "stalled") ? "no_worker" : worst;
}

function refusalOf({ queues }: QueueStatus): string {
  return Object.values(queues).find(({ refusal }) => refusal !== null)?.refusal ?? "";
}
