"use client";

import { Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useFormatter, useTranslations } from "next-intl";
import { useEffect } from "react";
import { JobProgress } from "../jobs/job-progress";
import { useCancelJob, useMayCancel } from "../jobs/use-cancel-job";
import { useTRPC } from "../trpc";
import { Fact } from "../ui/fact";
import { useCodedError } from "../ui/use-coded-error";

const REFRESH_MS = 500;

interface Props {
  jobId: string;
  onEdit: () => void;
  onClose: () => void;
}

/** The progress and result of a replay. It continues when the page is closed. */
export function ReplayJob({ jobId, onEdit, onClose }: Props) {
  const t = useTranslations();
  const format = useFormatter();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const problemText = useCodedError();
  const cancel = useCancelJob();
  const mayCancel = useMayCancel();
  const { data: job } = useQuery(
    trpc.jobs.get.queryOptions(
      { id: jobId },
      { refetchInterval: ({ state }) => (state.data?.finished_at ? false : REFRESH_MS), staleTime: 0 },
    ),
  );
  const hasEnded = job !== undefined && job.finished_at !== null;
  useEffect(() => {
    if (hasEnded) void queryClient.invalidateQueries(trpc.deadLetters.pathFilter());
  }, [hasEnded, queryClient, trpc]);
  if (job?.kind !== "replay_dead_letters") return <Skeleton h={80} />;
  const { result } = job;
  return (
    <Stack gap="md" role="status" data-testid="replay-job" data-status={job.status}>
      {!hasEnded && <JobProgress job={job} label={t("deadLetters.edit.progress")} />}
      {hasEnded && (
        <Text fw={600}>{t(`deadLetters.edit.ended.${job.status === "completed" ? "completed" : "stopped"}`)}</Text>
      )}
      {job.error && (
        <Text size="sm" c="var(--app-bad)">
          {problemText(job.error)}
        </Text>
      )}
      {result && (
        <Group gap="xl">
          {(["inserted", "duplicates", "dropped", "still_dead"] as const).map((name) => (
            <Fact key={name} label={t(`deadLetters.edit.result.${name}`)} value={format.number(result[name])} />
          ))}
        </Group>
      )}
      {result && result.still_dead > 0 && (
        <Text size="sm" c="dimmed">
          {t("deadLetters.edit.remain")}
        </Text>
      )}
      <Group justify="flex-end" gap="xs">
        {!hasEnded && mayCancel(job) && (
          <Button variant="default" loading={cancel.isPending} onClick={() => cancel.mutate({ id: jobId })}>
            {t("jobs.cancel")}
          </Button>
        )}
        {hasEnded && result && result.still_dead > 0 && (
          <Button variant="default" onClick={onEdit}>
            {t("deadLetters.edit.again")}
          </Button>
        )}
        <Button onClick={onClose}>{t("common.close")}</Button>
      </Group>
    </Stack>
  );
}
