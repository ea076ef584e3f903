"use client";

import { Box, Skeleton, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { QueryError } from "@/components/ui/query-error";
import stacked from "@/components/ui/stacked-table.module.css";
import { Table } from "@/components/ui/table";
import { formatTime } from "@/components/ui/time";
import type { Task, TaskRun } from "./task";
import classes from "./task-panel.module.css";
import { useRunText } from "./use-run-text";

interface Props {
  runs: Pick<UseQueryResult<TaskRun[], unknown>, "data" | "error" | "isPending" | "isFetching" | "refetch">;
  task: Task["name"];
}

/** The latest runs of a task with duration and result. */
export function TaskHistory({ runs, task }: Props) {
  const t = useTranslations();
  const timeZone = useTimeZone() ?? "UTC";
  const { outcome, trigger, took } = useRunText();
  const label = `${t(`tasks.names.${task}`)}: ${t("tasks.history")}`;
  if (runs.isPending) return <Skeleton h={120} mt="xs" />;
  if (runs.error && !runs.data) return <QueryError query={runs} />;
  if (runs.data?.length === 0)
    return (
      <Text size="sm" c="dimmed" mt="xs">
        {t("tasks.historyNone")}
      </Text>
    );
  return (
    <Box style={{ overflow: "auto" }} mah={360} mt="xs" tabIndex={0} role="group" aria-label={label}>
      <Table className={stacked.table} stickyHeader verticalSpacing={6} fz="sm" miw={{ base: 0, sm: 600 }}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={230}>{t("tasks.scheduledAt")}</Table.Th>
            <Table.Th w={110}>{t("tasks.outcome")}</Table.Th>
            <Table.Th w={110} ta="right">
              {t("tasks.duration")}
            </Table.Th>
            <Table.Th>{t("tasks.detail")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.data?.map((run) => (
            <Table.Tr key={run.job_id}>
              <Table.Td>
                <div>
                  {formatTime(run.due_at, timeZone)}
                  <Text size="xs" c="dimmed">
                    {trigger(run)}
                  </Text>
                </div>
              </Table.Td>
              <Table.Td data-label={t("tasks.outcome")}>
                <span className={classes.status} data-status={run.status}>
                  {t(`tasks.status.${run.status}`)}
                </span>
              </Table.Td>
              <Table.Td data-label={t("tasks.duration")} ta="right" style={{ whiteSpace: "nowrap" }}>
                {run.duration_ms === null ? "–" : took(run.duration_ms)}
              </Table.Td>
              <Table.Td data-label={t("tasks.detail")}>{outcome(run)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Box>
  );
}
