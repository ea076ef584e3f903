"use client";

import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { JobProgress } from "@/components/jobs/job-progress";
import { useCancelJob, useMayCancel } from "@/components/jobs/use-cancel-job";
import { useTRPC } from "@/components/trpc";

const REFRESH_MS = 1_000;

/** The progress and result of an undo. */
export function UndoProgress({ jobId }: { jobId: string }) {
  const t = useTranslations();
  const trpc = useTRPC();
  const cancel = useCancelJob();
  const mayCancel = useMayCancel();
  const { data: job } = useQuery(trpc.jobs.get.queryOptions({ id: jobId }, { refetchInterval: REFRESH_MS }));
  if (!job) return null;
  return (
    <>
      <JobProgress job={job} label={t("import.list.progress")} />
      {mayCancel(job) && (
        <Group justify="flex-end" mt="xs">
          <Button size="xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate({ id: jobId })}>
            {t("common.cancel")}
          </Button>
        </Group>
      )}
    </>
  );
}
