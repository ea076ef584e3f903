"use client";

import { SimpleGrid, Text } from "@mantine/core";
import { useFormatter, useTimeZone, useTranslations } from "next-intl";
import type { Job } from "@/components/jobs/use-job-watch";
import { Fact } from "@/components/ui/fact";
import { formatTime } from "@/components/ui/time";
import { useBytes } from "@/components/ui/use-bytes";
import { useDuration } from "@/components/ui/use-duration";
import { useJobProblemText } from "@/components/ui/use-job-problem-text";
import { cleanupParams, cleanupResult, restoreResult } from "./read-job";

/** The result of a job: its numbers, and its error if it ended early. */
export function JobResult({ job }: { job: Job }) {
  const t = useTranslations("cleanup.jobs");
  const format = useFormatter();
  const problemText = useJobProblemText();
  const result = cleanupResult(job);
  const facts = useFacts(job);
  return (
    <>
      {job.error !== null && (
        <Text size="sm" c={job.status === "failed" ? "var(--app-bad)" : undefined} mb="xs">
          {problemText(job.error)}{" "}
          {job.kind === "cleanup" &&
            result &&
            t("stopped", { deleted: format.number(result.deleted), matched: format.number(result.matched) })}
        </Text>
      )}
      {facts.length > 0 && (
        <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="md" data-testid="job-result">
          {facts.map(([label, value, hint]) => (
            <Fact key={label} label={label} value={value} hint={hint} />
          ))}
        </SimpleGrid>
      )}
    </>
  );
}

function useFacts(job: Job): (readonly [label: string, value: string, hint?: string])[] {
  const t = useTranslations("cleanup.jobs");
  const format = useFormatter();
  const timeZone = useTimeZone() ?? "UTC";
  const bytes = useBytes();
  const duration = useDuration();
  const took: (readonly [string, string])[] =
    job.duration_ms === null ? [] : [[t("took"), duration(job.duration_ms / 1_000)]];
  if (job.kind === "restore") {
    const restored = restoreResult(job);
    if (!restored) return took;
    return [
      [t("restored"), format.number(restored.restored)],
      [t("present"), format.number(restored.present)],
      [t("different"), format.number(restored.different), t("differentHint")],
      ...(restored.keepUntil === null ? [] : [[t("keptUntil"), formatTime(restored.keepUntil, timeZone)] as const]),
      ...took,
    ];
  }
  const result = cleanupResult(job);
  if (!result) return took;
  const { type, isDryRun } = cleanupParams(job);
  if (isDryRun) return [[t("matched"), format.number(result.matched)], ...took];
  if (type === "exports")
    return [[t("deleted"), format.number(result.deleted)], [t("freed"), bytes(result.freed)], ...took];
  return [
    [t("deleted"), format.number(result.deleted)],
    [t("archived"), format.number(result.archived)],
    [t("dropped"), format.number(result.dropped)],
    [t("freed"), bytes(result.freed)],
    [t("reusable"), bytes(result.reusable), t("reusableHint")],
    ...took,
  ];
}
