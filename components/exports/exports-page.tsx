"use client";

import { Alert } from "@mantine/core";
import { IconEye } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { useMemo } from "react";
import { isUnfinished, useJobWatch } from "../jobs/use-job-watch";
import { useMay } from "../session";
import { PageHeader } from "../ui/page-header";
import { EndedExports } from "./ended-exports";
import { ExportForm } from "./export-form";
import { FinishedExports } from "./finished-exports";
import { RunningExports } from "./running-exports";
import { SharingPanel } from "./sharing/sharing-panel";
import { useExportChoices } from "./use-export-choices";

const WATCHED_JOBS = 50;
const FILTER = { kind: "export", limit: WATCHED_JOBS } as const;

/** The exports page: create, watch and download export files. */
export function ExportsPage() {
  const t = useTranslations("exports");
  const timeZone = useTimeZone() ?? "UTC";
  const mayExport = useMay("export");
  const { jobs: watched } = useJobWatch(FILTER);
  const jobs = useMemo(() => watched?.filter((job) => job.kind === "export") ?? null, [watched]);
  const { choices, change } = useExportChoices();
  const running = (jobs ?? []).filter(isUnfinished);
  const edit = (next: Parameters<typeof change>[0]) => {
    change(next);
    document.getElementById("export-form")?.scrollIntoView({ block: "start" });
  };

  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle", { timeZone })} />
      {mayExport ? (
        <ExportForm choices={choices} onChange={change} running={running} />
      ) : (
        <Alert color="gray" icon={<IconEye aria-hidden />} mb="lg">
          {t("operatorOnly")}
        </Alert>
      )}
      <RunningExports jobs={running} />
      <FinishedExports jobs={jobs} onEdit={edit} />
      <SharingPanel />
      <EndedExports jobs={jobs ?? []} onEdit={edit} />
    </>
  );
}
