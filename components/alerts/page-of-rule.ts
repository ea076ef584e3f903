import type { Rule } from "./use-alert-text";

const QUEUES = { path: "/queues", name: "queues" } as const;
const DEAD_LETTERS = { path: "/dead-letters", name: "deadLetters" } as const;
const CLEANUP = { path: "/retention", name: "cleanup" } as const;
const TASKS = { path: "/schedules", name: "tasks" } as const;
const STORAGE = { path: "/tables", name: "tables" } as const;

type PageLink = typeof QUEUES | typeof DEAD_LETTERS | typeof CLEANUP | typeof TASKS | typeof STORAGE;

/** The page on which an alert of a rule is investigated; undefined when the console has none. */
export function pageOfRule(rule: Rule["rule"]): PageLink | undefined {
  switch (rule) {
    case "queue_length":
    case "queue_stalled":
    case "oldest_event":
    case "no_worker":
      return QUEUES;
    case "failure_rate":
      return DEAD_LETTERS;
    case "disk_usage":
    case "archive_damaged":
    case "several_disks":
      return CLEANUP;
    case "task_failed":
    case "task_missed":
    case "retention_stalled":
    case "cleanup_overdue":
      return TASKS;
    case "query_time":
      return STORAGE;
    case "database_unreachable":
    case "redis_unreachable":
    case "redis_refuses_writes":
    case "queue_wrong_type":
    case "clock_skew":
    case "files_unavailable":
      return undefined;
  }
}
