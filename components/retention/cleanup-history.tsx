"use client";

import { Badge, Box, Group, SegmentedControl, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/components/trpc";
import { Panel } from "@/components/ui/panel";
import { QueryError } from "@/components/ui/query-error";
import { RowsSkeleton } from "@/components/ui/rows-skeleton";
import { ShowMore } from "@/components/ui/show-more";
import stacked from "@/components/ui/stacked-table.module.css";
import { Table } from "@/components/ui/table";
import { formatTime } from "@/components/ui/time";
import { useActorName } from "@/components/ui/use-actor-name";
import { useCodedError } from "@/components/ui/use-coded-error";
import { useNumbers } from "@/components/ui/use-numbers";
import { type RetentionJob, useJobExtent, useJobName } from "./use-job-name";

const COLORS = { queued: "gray", running: "blue", completed: "teal", failed: "red", cancelled: "orange" } as const;
const KINDS = ["cleanup", "restore"] as const;

/** The history of cleanups or restores, newest first. */
export function CleanupHistory() {
  const t = useTranslations("cleanup");
  const trpc = useTRPC();
  const [kind, setKind] = useState<(typeof KINDS)[number]>("cleanup");
  const history = useInfiniteQuery(
    trpc.jobs.list.infiniteQueryOptions(
      { kind, limit: 20 },
      { getNextPageParam: (page) => page.next_cursor ?? undefined },
    ),
  );
  const jobs = (history.data?.pages ?? []).flatMap(({ items }) =>
    items.filter((job) => job.kind === "cleanup" || job.kind === "restore"),
  );
  const pad = { base: "md", sm: "lg" };
  return (
    <Panel aria-labelledby="cleanup-history" pb="xs">
      <Group justify="space-between" px={pad} pt="md" pb="xs">
        <Title order={2} id="cleanup-history">
          {t("history.title")}
        </Title>
        <SegmentedControl
          size="xs"
          value={kind}
          data={[
            { value: "cleanup", label: t("history.cleanups") },
            { value: "restore", label: t("history.restores") },
          ]}
          aria-label={t("history.kind")}
          onChange={(value) => setKind(KINDS.find((known) => known === value) ?? "cleanup")}
        />
      </Group>
      {history.isPending && <RowsSkeleton />}
      {!history.data && <QueryError query={history} p="md" />}
      {history.data && jobs.length === 0 && (
        <Text size="sm" c="dimmed" px={pad} pb="md">
          {t("history.none")}
        </Text>
      )}
      {jobs.length > 0 && (
        <Box style={{ overflowX: "auto" }} tabIndex={0} role="group" aria-labelledby="cleanup-history">
          <Table
            className={stacked.table}
            horizontalSpacing="lg"
            verticalSpacing="xs"
            fz="sm"
            miw={{ base: 0, sm: 720 }}
          >
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={180}>{t("history.when")}</Table.Th>
                <Table.Th w={210}>{t("history.what")}</Table.Th>
                <Table.Th w={210}>{t("history.who")}</Table.Th>
                <Table.Th>{t("history.outcome")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {jobs.map((job) => (
                <HistoryRow key={job.job_id} job={job} />
              ))}
            </Table.Tbody>
          </Table>
        </Box>
      )}
      <ShowMore list={history} />
    </Panel>
  );
}

function HistoryRow({ job }: { job: RetentionJob }) {
  const t = useTranslations("cleanup");
  const timeZone = useTimeZone() ?? "UTC";
  const name = useJobName();
  const extent = useJobExtent()(job);
  const problemText = useCodedError();
  const actorName = useActorName();
  const outcome = useOutcome();
  return (
    <Table.Tr data-history={job.job_id}>
      <Table.Td style={{ whiteSpace: "nowrap" }}>{formatTime(job.created_at, timeZone)}</Table.Td>
      <Table.Td data-label={t("history.what")}>
        <div>
          {name(job)}
          {extent !== null && (
            <Text size="xs" c="dimmed">
              {extent}
            </Text>
          )}
        </div>
      </Table.Td>
      <Table.Td data-label={t("history.who")} style={{ overflowWrap: "anywhere" }}>
        {actorName(job.requested_by)}
      </Table.Td>
      <Table.Td data-label={t("history.outcome")}>
        <div>
          <Badge size="sm" variant="light" tt="none" color={COLORS[job.status]}>
            {t(`jobs.status.${job.status}`)}
          </Badge>
          <Text size="xs" c="dimmed" mt={2}>
            {[job.error === null ? "" : problemText(job.error), outcome(job)].filter(Boolean).join(" ")}
          </Text>
        </div>
      </Table.Td>
    </Table.Tr>
  );
}

/** The result of a job in one line. */
function useOutcome() {
  const t = useTranslations("cleanup");
  const { exact, bytes } = useNumbers();
  return (job: RetentionJob): string => {
    if (!job.result) return "";
    if (job.kind === "restore") {
      const { restored_count, present_count, different_count } = job.result;
      return t("history.restored", {
        restored: exact(restored_count),
        present: exact(present_count),
        different: different_count === null ? "–" : exact(different_count),
      });
    }
    const { matched_count, deleted_count, archived_count, freed_bytes, reusable_bytes } = job.result;
    if (job.params.dry_run) return t("history.wouldRemove", { matched: exact(matched_count) });
    const numbers = {
      deleted: exact(deleted_count),
      archived: exact(archived_count),
      freed: bytes(freed_bytes),
      reusable: bytes(reusable_bytes),
    };
    return t(job.params.task_type === "exports" ? "history.removedFiles" : "history.removed", numbers);
  };
}
