import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import { MAX_CLOCK_DIFFERENCE_MS } from "@/server/db/clock";
import type { Context } from "@/server/process/context";
import { STALLED_SECONDS } from "@/server/services/queues";
import type { AlertUnit, RuleName, Severity } from "./contract";
import type { Facts } from "./facts";
import type { Sample } from "./sample";

export interface AlertRule {
  readonly severity: Severity;
  readonly unit: AlertUnit;
  /** The rule fires above this value. */
  readonly threshold: (ctx: Context) => number;
  /**
   * The time in seconds that the value must be above the threshold before the rule fires, and below it before it resolves, so that short spikes cause no alert.
   */
  readonly pending: number;
  readonly clear: number;
  /** A further condition for firing, for a subject that has been above the threshold since `since`. */
  readonly isProven?: (facts: Facts, subject: string, since: Date) => boolean;
  /** The cause of a subject's alert, where it is known and not the rule itself. */
  readonly cause?: (facts: Facts, subject: string) => ErrorValue | null;
  /** Current samples; missing subjects are healthy. Null when unknown, which leaves alerts unchanged. */
  readonly samples: (facts: Facts) => readonly Sample[] | null;
}

/** A rate over very few events is not significant. */
const MIN_PROCESSED = 10;
const MIN_CALLS = 20;

const flag = (isTrue: boolean, subject = ""): Sample => ({ subject, value: isTrue ? 1 : 0 });

const waitingFor = ({ queues }: Facts, subject: string): ErrorValue | null => queues[subject]?.cause ?? null;

const taskError = ({ tasks }: Facts, subject: string): ErrorValue | null =>
  tasks.find(({ name }) => name === subject)?.error ?? null;

const noWorker = ({ workers }: Facts): ErrorValue | null => (workers === 0 ? errorValue("alert.no_worker", {}) : null);

/** Why the scheduled cleanup does not run, or fails. */
const cleanupFault = (facts: Facts): ErrorValue | null => {
  const task = facts.tasks.find(({ name }) => name === "data_cleanup");
  if (task && !task.enabled) return errorValue("alert.task_disabled", { tasks: [task.name] });
  return noWorker(facts) ?? task?.error ?? null;
};

/** The definitions of all alert rules, in display order. */
export const alertRules = {
  database_unreachable: {
    severity: "critical",
    unit: "flag",
    threshold: () => 0,
    pending: 15,
    clear: 10,
    // Evaluation requires PostgreSQL; its outages are reported by runMonitor.
    samples: () => [flag(false)],
  },
  redis_unreachable: {
    severity: "critical",
    unit: "flag",
    threshold: () => 0,
    pending: 15,
    clear: 30,
    samples: ({ queues }) => [flag(Object.values(queues).some(({ problem }) => problem === "unreachable"))],
  },
  redis_refuses_writes: {
    severity: "critical",
    unit: "flag",
    threshold: () => 0,
    pending: 15,
    clear: 30,
    samples: ({ queues }) => {
      const all = Object.values(queues);
      if (all.some(({ problem }) => problem === "unreachable")) return null;
      return [...new Set(all.flatMap(({ refusal }) => refusal ?? []))].map((code) => flag(true, code));
    },
  },
  queue_wrong_type: {
    severity: "critical",
    unit: "flag",
    threshold: () => 0,
    pending: 5,
    clear: 5,
    samples: ({ queues }) =>
      samplesOf(queues, ({ problem }) => (problem === "unreachable" ? null : Number(problem === "wrong_type"))),
  },
  queue_stalled: {
    severity: "critical",
    unit: "seconds",
    threshold: () => STALLED_SECONDS,
    pending: 5,
    clear: 10,
    cause: waitingFor,
    samples: ({ queues }) => samplesOf(queues, ({ stalledSeconds }) => stalledSeconds),
  },
  no_worker: {
    severity: "critical",
    unit: "flag",
    threshold: () => 0,
    pending: 15,
    clear: 10,
    samples: ({ workers }) => [flag(workers === 0)],
  },
  collector_down: {
    severity: "critical",
    unit: "flag",
    threshold: () => 0,
    pending: 15,
    clear: 10,
    cause: ({ collectors }, subject) => {
      const last = collectors.find((collector) => collector.subject === subject);
      return last ? errorValue("alert.last_heartbeat", { at: last.lastSeen }) : null;
    },
    samples: ({ collectors }) => collectors.map(({ subject, isAlive }) => flag(!isAlive, subject)),
  },
  queue_length: {
    severity: "warning",
    unit: "count",
    threshold: (ctx) => ctx.config.alerts.queueLength,
    pending: 20,
    clear: 60,
    cause: waitingFor,
    samples: ({ queues }) => samplesOf(queues, ({ length }) => length),
  },
  oldest_event: {
    severity: "warning",
    unit: "seconds",
    threshold: () => 300,
    pending: 0,
    clear: 30,
    cause: waitingFor,
    samples: ({ queues }) => samplesOf(queues, ({ length, oldestAge }) => (length === null ? null : (oldestAge ?? 0))),
  },
  failure_rate: {
    severity: "warning",
    unit: "ratio",
    threshold: (ctx) => ctx.config.alerts.failureRate,
    pending: 20,
    clear: 60,
    cause: ({ queues }, subject) => {
      const reason = queues[subject]?.rejectedFor;
      return reason ? errorValue("alert.rejects", { reason }) : null;
    },
    samples: ({ queues }) =>
      samplesOf(queues, ({ processed, dead }) => (processed < MIN_PROCESSED ? 0 : dead / processed)),
  },
  disk_usage: {
    severity: "critical",
    unit: "ratio",
    threshold: (ctx) => ctx.config.alerts.diskUsage,
    pending: 30,
    clear: 60,
    samples: ({ disks }) => disks,
  },
  task_failed: {
    severity: "warning",
    unit: "flag",
    threshold: () => 0,
    pending: 0,
    clear: 0,
    cause: taskError,
    samples: ({ tasks }) => tasks.map(({ name, hasFailed }) => flag(hasFailed, name)),
  },
  task_missed: {
    severity: "warning",
    unit: "flag",
    threshold: () => 0,
    pending: 0,
    clear: 0,
    cause: noWorker,
    samples: ({ tasks }) => tasks.map(({ name, isMissed }) => flag(isMissed, name)),
  },
  retention_stalled: {
    severity: "warning",
    unit: "seconds",
    // Allows for one failed and one successful nightly cleanup.
    threshold: () => 2.5 * 86_400,
    pending: 60,
    clear: 60,
    // Rows added since, such as those of an old file, are left to the next cleanup. Missing successes are reported by
    // cleanup_overdue.
    isProven: ({ cleanedSince }, table, since) => {
      const cleaned = cleanedSince[table];
      return cleaned !== undefined && cleaned > since;
    },
    cause: cleanupFault,
    samples: ({ overdueRetention }) => overdueRetention,
  },
  cleanup_overdue: {
    severity: "warning",
    unit: "seconds",
    // One missed night and half a day, which reports a cleanup that is disabled or fails repeatedly.
    threshold: () => 1.5 * 86_400,
    pending: 60,
    clear: 0,
    cause: cleanupFault,
    samples: ({ tasks }) =>
      tasks.filter(({ name }) => name === "data_cleanup").map(({ overdue }) => ({ subject: "", value: overdue })),
  },
  archive_damaged: {
    severity: "critical",
    unit: "flag",
    threshold: () => 0,
    pending: 0,
    clear: 0,
    cause: ({ damagedArchives }, subject) => damagedArchives.find(({ id }) => id === subject)?.problem ?? null,
    samples: ({ damagedArchives }) => damagedArchives.map(({ id }) => flag(true, id)),
  },
  files_unavailable: {
    severity: "critical",
    unit: "flag",
    threshold: () => 0,
    pending: 30,
    clear: 30,
    cause: ({ fileStoreFailure }) => fileStoreFailure,
    samples: ({ fileStoreFailure }) => [flag(fileStoreFailure !== null)],
  },
  several_disks: {
    severity: "warning",
    unit: "flag",
    threshold: () => 0,
    pending: 60,
    clear: 0,
    samples: ({ disksInUse }) => [flag(disksInUse > 1)],
  },
  clock_skew: {
    severity: "critical",
    unit: "seconds",
    threshold: () => MAX_CLOCK_DIFFERENCE_MS / 1_000,
    pending: 0,
    clear: 30,
    samples: ({ clocks }) => clocks,
  },
  query_time: {
    severity: "warning",
    unit: "seconds",
    threshold: () => 2,
    pending: 60,
    clear: 180,
    samples: ({ queryTimes }) =>
      queryTimes.map(({ label, calls, seconds }) => ({ subject: label, value: calls < MIN_CALLS ? 0 : seconds })),
  },
} as const satisfies Record<RuleName, AlertRule>;

export function ruleOf(name: RuleName): AlertRule {
  return alertRules[name];
}

export function isRuleName(name: string): name is RuleName {
  return name in alertRules;
}

function samplesOf(queues: Facts["queues"], pick: (queue: Facts["queues"][string]) => number | null): Sample[] {
  return Object.entries(queues).map(([subject, queue]) => ({ subject, value: pick(queue) }));
}
