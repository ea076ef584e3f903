"use client";

import { SimpleGrid, Text } from "@mantine/core";
import { useFormatter, useTimeZone, useTranslations } from "next-intl";
import { Fact } from "@/components/ui/fact";
import { formatEnd } from "@/components/ui/time";
import { useBytes } from "@/components/ui/use-bytes";
import { useCodedError } from "@/components/ui/use-coded-error";
import { useDuration } from "@/components/ui/use-duration";
import type { RetentionJob } from "./use-job-name";

/** The result of a job: its numbers, and its error if it ended early. */
export function JobResult({ job }: { job: RetentionJob }) {
  const t = useTranslations("cleanup.jobs");
  const format = useFormatter();
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
              deleted: format.number(job.result.deleted_count),
              matched: format.number(job.result.matched_count),
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
  const format = useFormatter();
  const timeZone = useTimeZone() ?? "UTC";
  const bytes = useBytes();
  const duration = useDuration();
  const took: (readonly [string, string])[] =
    job.duration_ms === null ? [] : [[t("took"), duration(job.duration_ms / 1_000)]];
  if (job.kind === "restore") {
    if (!job.result) return took;
    const { restored_count, present_count, different_count, keep_until } = job.result;
    return [
      [t("restored"), format.number(restored_count)],
      [t("present"), format.number(present_count)],
      ...(different_count === null
        ? []
        : [[t("different"), format.number(different_count), t("differentHint")] as const]),
      [t("keptUntil"), formatEnd(keep_until, timeZone)],
      ...took,
    ];
  }
  if (!job.result) return took;
  const { matched_count, deleted_count, archived_count, partitions_dropped, freed_bytes, reusable_bytes } = job.result;
  if (job.params.dry_run) return [[t("matched"), format.number(matched_count)], ...took];
  if (job.params.task_type === "exports")
    return [[t("deleted"), format.number(deleted_count)], [t("freed"), bytes(freed_bytes)], ...took];
  return [
    [t("deleted"), format.number(deleted_count)],
    [t("archived"), format.number(archived_count)],
    [t("dropped"), format.number(partitions_dropped)],
    [t("freed"), bytes(freed_bytes)],
    [t("reusable"), bytes(reusable_bytes), t("reusableHint")],
    ...took,
  ];
}
