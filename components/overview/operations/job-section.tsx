"use client";

import { SimpleGrid } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useOldSince } from "../../live/use-old-since";
import { useTRPC } from "../../trpc";
import { OldFigures } from "../../ui/old-figures";
import { Panel } from "../../ui/panel";
import { QueryError } from "../../ui/query-error";
import { RowsSkeleton } from "../../ui/rows-skeleton";
import { useActorName } from "../../ui/use-actor-name";
import { useNumbers } from "../../ui/use-numbers";
import { TopValues } from "../top-values";
import { useLastData } from "../use-last-data";
import classes from "./section.module.css";
import { freshness, REFRESH_MS, type SectionProps } from "./section-props";
import { When } from "./when";

const LATEST = 6;

/** The latest jobs, and how long jobs take. */
export function JobSection({ bounds }: Omit<SectionProps, "onZoom">) {
  const t = useTranslations();
  const trpc = useTRPC();
  const actorName = useActorName();
  const { duration } = useNumbers();
  const timings = useQuery(trpc.overview.timings.queryOptions(bounds, freshness(bounds)));
  const latest = useQuery(trpc.jobs.list.queryOptions({ limit: LATEST }, { refetchInterval: REFRESH_MS }));
  const jobs = latest.data?.items;
  const since = useOldSince(latest);
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
      <Panel px="md" py="sm" aria-label={t("overview.charts.latestJobs")} style={{ minWidth: 0 }}>
        {!jobs && latest.isPending && <RowsSkeleton />}
        {!jobs && <QueryError query={latest} />}
        {jobs && (
          <OldFigures since={since} mb="xs">
            <div className={classes.scroll}>
              <table className={classes.table}>
                <thead>
                  <tr>
                    <th scope="col">{t("overview.charts.latestJobs")}</th>
                    <th scope="col">{t("overview.health.state")}</th>
                    <th scope="col">{t("tasks.lastRun")}</th>
                  </tr>
                </thead>
                <tbody>
                  {jobs.map(({ job_id, kind, status, requested_by, started_at, finished_at, created_at }) => (
                    <tr key={job_id}>
                      <th scope="row">{kind === "scheduled_task" ? t("nav.tasks") : t(`overview.jobKinds.${kind}`)}</th>
                      <td className={classes.status} data-status={status}>
                        {t(`tasks.status.${status}`)}
                        {started_at !== null && finished_at !== null && (
                          <> · {duration((Date.parse(finished_at) - Date.parse(started_at)) / 1_000)}</>
                        )}
                      </td>
                      <td>
                        <When at={finished_at ?? started_at ?? created_at} now={latest.dataUpdatedAt} /> ·{" "}
                        {actorName(requested_by)}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </OldFigures>
        )}
      </Panel>
      <TopValues
        title={t("overview.charts.jobs")}
        valueLabel={t("overview.fields.job")}
        hint={t("overview.charts.jobsHint")}
        rows={
          useLastData(timings.data)?.jobs.map(({ kind, runs, mean }) => ({
            value: t(`overview.jobKinds.${kind}`),
            rows: runs,
            time: mean * 1_000,
          })) ?? null
        }
        by="time"
        countLabel={t("overview.runs")}
        empty={t("overview.noJobs")}
      />
    </SimpleGrid>
  );
}
