"use client";

import { useFormatter, useTranslations } from "next-intl";
import { useActorName } from "@/components/ui/use-actor-name";
import { useBytes } from "@/components/ui/use-bytes";
import { useCodedError } from "@/components/ui/use-coded-error";
import { useDuration } from "@/components/ui/use-duration";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { isCodedError } from "@/server/catalog/errors/text";
import type { Task, TaskRun } from "./task";

const HEALTH_PARTS = ["database", "queue", "worker", "disk", "cache", "schedules", "partitions", "archives"] as const;

type Result = Readonly<Record<string, unknown>>;

/** The result, trigger and duration of a task run as text. */
export function useRunText() {
  const t = useTranslations();
  const bytes = useBytes();
  const format = useFormatter();
  const duration = useDuration();
  const problemText = useCodedError();
  const actorName = useActorName();

  const rows = (result: Result): string =>
    LOG_TABLE_NAMES.flatMap((name) => {
      const one = recordAt(result, name);
      if (!one) return [];
      const table = t(`tables.${name}`);
      const error = one.error;
      return isCodedError(error)
        ? t("tasks.did.tableFailed", { table, error: problemText(error) })
        : t("tasks.did.rows", { table, count: numberAt(one, "deleted_count") });
    }).join(" · ");

  const health = (result: Result): string => {
    const parts = HEALTH_PARTS.filter((part) => {
      const found = recordAt(recordAt(result, "parts") ?? {}, part);
      return found !== undefined && found.state !== "ok";
    }).map((part) => t(`overview.health.parts.${part}`));
    return parts.length === 0 ? t("tasks.did.allPassed") : t("tasks.did.failing", { parts: parts.join(", ") });
  };

  const partitions = (result: Result): string => {
    const months = Array.isArray(result.months) ? result.months : [];
    const deletedJobs = numberAt(result, "forgotten_jobs");
    return [
      t("tasks.did.months", { month: String(months.at(-1) ?? "–") }),
      ...(deletedJobs > 0 ? [t("tasks.did.deletedJobs", { count: deletedJobs })] : []),
    ].join(" · ");
  };

  const done = (task: Task["name"], result: Result): string => {
    switch (task) {
      case "data_cleanup":
        return rows(result);
      case "export_files_cleanup":
        return t("tasks.did.files", {
          count: numberAt(result, "deleted_count"),
          size: bytes(numberAt(result, "freed_bytes")),
        });
      case "health_check":
        return health(result);
      case "partition_maintenance":
        return partitions(result);
    }
  };

  return {
    took: (ms: number): string =>
      ms < 1_000 ? t("common.milliseconds", { value: format.number(ms) }) : duration(ms / 1_000),
    /** The result, or the error of a failed run. */
    outcome: (task: Task["name"], { result, error }: TaskRun): string =>
      result ? done(task, result) : error ? problemText(error) : "",
    trigger: ({ trigger, requested_by }: TaskRun): string =>
      t(`tasks.trigger.${trigger}`, { name: actorName(requested_by) }),
  };
}

function isRecord(value: unknown): value is Result {
  return typeof value === "object" && value !== null;
}

function recordAt(result: Result, key: string): Result | undefined {
  const value = result[key];
  return isRecord(value) ? value : undefined;
}

function numberAt(result: Result, key: string): number {
  const value = result[key];
  return typeof value === "number" ? value : 0;
}
