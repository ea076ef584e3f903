import type { PageName } from "../session";
import type { Alert } from "./use-alert-text";

interface AlertLink {
  /** The page, as in the user's permissions. */
  readonly page: PageName;
  readonly href: string;
  /** The page's name in the messages. */
  readonly name: "queues" | "deadLetters" | "cleanup" | "tasks" | "tables" | "overview" | "exports";
}

/** The place where the cause of an alert is shown and corrected. */
export function linkOfAlert({ rule, subject, cause }: Pick<Alert, "rule" | "subject" | "cause">): AlertLink {
  switch (rule) {
    case "queue_length":
    case "queue_stalled":
    case "oldest_event":
    case "queue_wrong_type":
      return { page: "/queues", href: `/queues#${subject}`, name: "queues" };
    case "redis_unreachable":
    case "redis_refuses_writes":
      return { page: "/queues", href: "/queues", name: "queues" };
    case "no_worker":
      return { page: "/queues", href: "/queues#workers", name: "queues" };
    case "collector_down":
      return { page: "/queues", href: "/queues#collectors", name: "queues" };
    case "failure_rate":
      return { page: "/dead-letters", href: deadLetters(subject, cause), name: "deadLetters" };
    case "archive_damaged":
      return { page: "/retention", href: "/retention#archives", name: "cleanup" };
    case "disk_usage":
      return { page: "/retention", href: "/retention", name: "cleanup" };
    case "task_failed":
    case "task_missed":
      return { page: "/schedules", href: `/schedules#${subject}`, name: "tasks" };
    case "retention_stalled":
    case "cleanup_overdue":
      return { page: "/schedules", href: "/schedules#data_cleanup", name: "tasks" };
    case "query_time":
      return { page: "/tables", href: "/tables", name: "tables" };
    case "several_disks":
      return { page: "/exports", href: "/exports", name: "exports" };
    case "database_unreachable":
    case "files_unavailable":
    case "clock_skew":
      return { page: "/", href: "/#health", name: "overview" };
  }
}

/** The dead letters of a queue with the error that causes the alert. */
function deadLetters(queue: string, cause: Alert["cause"]): string {
  const search = new URLSearchParams({ queue });
  const reason = cause?.code === "alert.rejects" ? cause.params.reason : undefined;
  if (reason) search.set("error", JSON.stringify(reason));
  return `/dead-letters?${search}`;
}
