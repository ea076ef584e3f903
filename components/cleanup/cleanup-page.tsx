"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useEffect, useMemo } from "react";
import { isUnderWay, useJobWatch } from "../jobs/use-job-watch";
import { useMay } from "../session";
import { useTRPC } from "../trpc";
import { PageHeader } from "../ui/page-header";
import { ReadOnlyNotice } from "../ui/read-only-notice";
import { ArchivesPanel } from "./archives-panel";
import { CleanupHistory } from "./cleanup-history";
import { JobsPanel } from "./jobs-panel";
import { ManualPanel } from "./manual-panel";
import { PolicyPanel } from "./policy-panel";

const WATCHED = { limit: 20 } as const;

/** What goes and when, cleanups by hand, and the archives of what went. */
export function CleanupPage() {
  const t = useTranslations("cleanup");
  const mayClean = useMay("cleanup");
  const { jobs } = useJobWatch(WATCHED);
  const ours = useMemo(() => jobs?.filter(({ kind }) => kind === "cleanup" || kind === "restore") ?? null, [jobs]);
  useFreshLists(ours?.filter((job) => !isUnderWay(job)).map(({ job_id }) => job_id) ?? []);
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

/** Reads lists anew when another job has ended. */
function useFreshLists(ended: readonly string[]): void {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const key = ended.join();
  useEffect(() => {
    if (key === "") return;
    void queryClient.invalidateQueries(trpc.jobs.list.pathFilter());
    void queryClient.invalidateQueries(trpc.cleanup.archives.pathFilter());
    void queryClient.invalidateQueries(trpc.cleanup.outlook.pathFilter());
  }, [key, queryClient, trpc]);
}
