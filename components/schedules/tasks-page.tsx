"use client";

import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { refetchEvery } from "@/components/refetch-every";
import { useMay } from "@/components/session";
import { useTRPC } from "@/components/trpc";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { QueryError } from "@/components/ui/query-error";
import { ReadOnlyNotice } from "@/components/ui/read-only-notice";
import { RowsSkeleton } from "@/components/ui/rows-skeleton";
import { TaskPanel } from "./task-panel";

const REFRESH_MS = 3_000;

/** The scheduled tasks with their schedule, last result and actions. */
export function TasksPage() {
  const t = useTranslations("tasks");
  const trpc = useTRPC();
  const timeZone = useTimeZone() ?? "UTC";
  const mayChange = useMay("scheduled-tasks");
  const status = useQuery(trpc.schedules.status.queryOptions(undefined, { refetchInterval: refetchEvery(REFRESH_MS) }));
  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle", { timeZone: status.data?.timezone ?? timeZone })} />
      {!mayChange && <ReadOnlyNotice>{t("readOnly")}</ReadOnlyNotice>}
      {!status.data && <QueryError query={status} />}
      <Stack gap="lg">
        {status.isPending &&
          PLACES.map((place) => (
            <Panel key={place} py="md">
              <RowsSkeleton />
            </Panel>
          ))}
        {status.data?.tasks.map((task) => (
          <TaskPanel key={task.name} task={task} now={status.dataUpdatedAt} />
        ))}
      </Stack>
    </>
  );
}

const PLACES = ["first", "second", "third", "fourth"];
