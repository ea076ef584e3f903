"use client";

import { useTranslations } from "next-intl";
import { useActorName } from "@/components/ui/use-actor-name";
import { useCodedError } from "@/components/ui/use-coded-error";
import { useNumbers } from "@/components/ui/use-numbers";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { HEALTH_PARTS } from "@/server/catalog/health-parts";
import type { TaskRun } from "./task";

/** The result, trigger and duration of a task run as text. */
export function useRunText() {
  const t = useTranslations();
  const numbers = useNumbers();
  const problemText = useCodedError();
  const actorName = useActorName();

  const done = (run: TaskRun): string => {
    switch (run.task) {
      case "data_cleanup":
        return LOG_TABLE_NAMES.flatMap((name) => {
          const cleaned = run.result?.[name];
          if (!cleaned) return [];
          const table = t(`tables.${name}`);
          return "error" in cleaned
            ? t("tasks.did.tableFailed", { table, error: problemText(cleaned.error) })
            : t("tasks.did.rows", { table, count: cleaned.deleted_count });
        }).join(" · ");
      case "export_files_cleanup":
        return run.result
          ? t("tasks.did.files", { count: run.result.deleted_count, size: numbers.bytes(run.result.freed_bytes) })
          : "";
      case "health_check": {
        if (!run.result) return "";
        const { parts } = run.result;
        const failing = HEALTH_PARTS.filter((part) => parts[part].state !== "ok");
        if (failing.length === 0) return t("tasks.did.allPassed");
        return t("tasks.did.failing", {
          parts: failing.map((part) => t(`overview.health.parts.${part}`)).join(", "),
        });
      }
      case "partition_maintenance": {
        if (!run.result) return "";
        const { months, forgotten_jobs: jobs, forgotten_imports: imports = 0 } = run.result;
        return [
          t("tasks.did.months", { month: months.at(-1) ?? "–" }),
          ...(jobs > 0 ? [t("tasks.did.deletedJobs", { count: jobs })] : []),
          ...(imports > 0 ? [t("tasks.did.deletedImports", { count: imports })] : []),
        ].join(" · ");
      }
    }
  };

  return {
    took: (ms: number): string => (ms < 1_000 ? numbers.milliseconds(ms) : numbers.duration(ms / 1_000)),
    /** The result, or the error of a failed run. */
    outcome: (run: TaskRun): string => done(run) || (run.error ? problemText(run.error) : ""),
    trigger: ({ trigger, requested_by }: TaskRun): string =>
      t(`tasks.trigger.${trigger}`, { name: actorName(requested_by) }),
  };
}
