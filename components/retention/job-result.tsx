"use client";

import { SimpleGrid, Text } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import { Fact } from "@/components/ui/fact";
import { formatEnd } from "@/components/ui/time";
import { useCodedError } from "@/components/ui/use-coded-error";
import { useNumbers } from "@/components/ui/use-numbers";
import type { RetentionJob } from "./use-job-name";

/** The result of a job: its numbers, and its error if it ended early. */
export function JobResult({ job }: { job: RetentionJob }) {
  const t = useTranslations("cleanup.jobs");
  const { exact } = useNumbers();
  const problemText = useCodedError();
  const facts = useFacts(job);
  return (
    <>
      {job.error !== null && (
        <Text size="sm" c={job.status === "failed" ? "var(--app-bad)" : undefined} mb="xs">
          {problemText(job.error)}{" "}
          {job.kind === "cleanup" &&
            job.result &&
            t("stopped", {
              deleted: exact(job.result.deleted_count),
              matched: exact(job.result.matched_count),
            })}
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

function useFacts(job: RetentionJob): (readonly [label: string, value: string, hint?: string])[] {
  const t = useTranslations("cleanup.jobs");
  const { exact, bytes, duration } = useNumbers();
  const timeZone = useTimeZone() ?? "UTC";
  const took: (readonly [string, string])[] =
    job.duration_ms === null ? [] : [[t("took"), duration(job.duration_ms / 1_000)]];
  if (job.kind === "restore") {
    if (!job.result) return took;
    const { restored_count, present_count, different_count, keep_until } = job.result;
    return [
      [t("restored"), exact(restored_count)],
      [t("present"), exact(present_count)],
      ...(different_count === null ? [] : [[t("different"), exact(different_count), t("differentHint")] as const]),
      [t("keptUntil"), formatEnd(keep_until, timeZone)],
      ...took,
    ];
  }
  if (!job.result) return took;
  const { matched_count, deleted_count, archived_count, partitions_dropped, freed_bytes, reusable_bytes } = job.result;
  if (job.params.dry_run) return [[t("matched"), exact(matched_count)], ...took];
  if (job.params.task_type === "exports")
    return [[t("deleted"), exact(deleted_count)], [t("freed"), bytes(freed_bytes)], ...took];
  return [
    [t("deleted"), exact(deleted_count)],
    [t("archived"), exact(archived_count)],
    [t("dropped"), exact(partitions_dropped)],
    [t("freed"), bytes(freed_bytes)],
    [t("reusable"), bytes(reusable_bytes), t("reusableHint")],
    ...took,
  ];
}
