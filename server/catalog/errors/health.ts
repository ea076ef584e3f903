import { z } from "zod";
import { count, failure, reason, text } from "./define";

/** Advice on components that are degraded or down. */
export const healthErrors = {
  "health.database_unreachable": failure("UNAVAILABLE"),
  "health.database_overloaded": failure("UNAVAILABLE"),
  "health.database_disk_full": failure("UNAVAILABLE"),
  "health.database_read_only": failure("UNAVAILABLE"),
  "health.database_storage_fault": failure("UNAVAILABLE"),
  "health.database_permission_denied": failure("UNAVAILABLE"),
  "health.database_locked": failure("UNAVAILABLE"),
  "health.audit_unprotected": failure("UNAVAILABLE"),
  "health.needs_database": failure("UNAVAILABLE"),
  "health.redis_unreachable": failure("UNAVAILABLE"),
  "health.redis_refuses_writes": failure("UNAVAILABLE", { reason: reason }),
  "health.no_worker": failure("UNAVAILABLE"),
  "health.disk_full": failure("UNAVAILABLE", { percent: count }),
  "health.files_unavailable": failure("UNAVAILABLE", { location: text, reason: reason }),
  "health.several_disks": failure("UNAVAILABLE", { locations: text }),
  "health.disk_unknown": failure("UNAVAILABLE"),
  "health.cache_unavailable": failure("UNAVAILABLE"),
  "health.tasks_overdue": failure("UNAVAILABLE", { tasks: z.array(text) }),
  "health.partition_missing": failure("UNAVAILABLE", { table: text, month: text }),
  "health.archives_damaged": failure("UNAVAILABLE", { count: count }),
  "health.segments_paused": failure("UNAVAILABLE", { percent: count }),
  "health.segments_late": failure("UNAVAILABLE", { hours: count }),
  "health.segments_failed": failure("UNAVAILABLE", { cause: text }),
  "health.clocks_differ": failure("UNAVAILABLE", { clocks: text }),
  "health.upgrade_running": failure("UNAVAILABLE", { remaining: count, step: text, progress: text }),
  "health.upgrade_failed": failure("UNAVAILABLE", { step: text, error: text }),
} as const;
