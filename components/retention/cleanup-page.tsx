"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useEffect, useMemo } from "react";
import { isUnfinished, type Job, useJobWatch } from "@/components/jobs/use-job-watch";
import { useMay } from "@/components/session";
import { useTRPC } from "@/components/trpc";
import { PageHeader } from "@/components/ui/page-header";
import { ReadOnlyNotice } from "@/components/ui/read-only-notice";
import { ArchivesPanel } from "./archives-panel";
import { CleanupHistory } from "./cleanup-history";
import { JobsPanel } from "./jobs-panel";
import { ManualPanel } from "./manual-panel";
import { PolicyPanel } from "./policy-panel";

const WATCHED = { limit: 20 } as const;

/** The cleanup page: retention policies, manual cleanup, history and archives. */
export function CleanupPage() {
  const t = useTranslations("cleanup");
  const mayClean = useMay("cleanup");
  const { jobs } = useJobWatch(WATCHED);
  const ours = useMemo(() => jobs?.filter((job) => job.kind === "cleanup" || job.kind === "restore") ?? null, [jobs]);
  useFreshLists(ours ?? []);
  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle")} />
      {!mayClean && <ReadOnlyNotice>{t("readOnly")}</ReadOnlyNotice>}
      <JobsPanel jobs={ours} />
      <PolicyPanel />
      {mayClean && <ManualPanel />}
      <ArchivesPanel />
      <CleanupHistory />
    </>
  );
}

/** Refreshes the lists when a job progresses, and the policies when one ends. */
function useFreshLists(jobs: readonly Job[]): void {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const steps = jobs.map(({ job_id, status, progress }) => `${job_id} ${status} ${progress.phase}`).join();
  const ended = jobs
    .filter((job) => !isUnfinished(job))
    .map(({ job_id }) => job_id)
    .join();
  useEffect(() => {
    if (steps === "") return;
    void queryClient.invalidateQueries(trpc.jobs.list.pathFilter());
    void queryClient.invalidateQueries(trpc.retention.archives.pathFilter());
    void queryClient.invalidateQueries(trpc.retention.archiveMonths.pathFilter());
  }, [steps, queryClient, trpc]);
  useEffect(() => {
    if (ended !== "") void queryClient.invalidateQueries(trpc.retention.outlook.pathFilter());
  }, [ended, queryClient, trpc]);
}
