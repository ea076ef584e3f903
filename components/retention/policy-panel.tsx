"use client";

import { Anchor, Box, Group, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTimeZone, useTranslations } from "next-intl";
import { type RouterOutputs, useTRPC } from "@/components/trpc";
import { Panel } from "@/components/ui/panel";
import { QueryError } from "@/components/ui/query-error";
import { RowsSkeleton } from "@/components/ui/rows-skeleton";
import stacked from "@/components/ui/stacked-table.module.css";
import { formatTime } from "@/components/ui/time";
import { useBytes } from "@/components/ui/use-bytes";
import { useNumberText } from "@/components/ui/use-number-text";

type Policy = RouterOutputs["retention"]["outlook"]["policies"][number];

/** Counting reads every row that may be deleted, so the result is reused. */
const FRESH_MS = 60_000;

/** The retention policies and what their next cleanup deletes. */
export function PolicyPanel() {
  const t = useTranslations("cleanup.policies");
  const trpc = useTRPC();
  const outlook = useQuery(trpc.retention.outlook.queryOptions(undefined, { staleTime: FRESH_MS }));
  const pad = { base: "md", sm: "lg" };
  return (
    <Panel mb="lg" aria-labelledby="policies" pb="xs">
      <Box px={pad} pt="md" pb="xs">
        <Title order={2} id="policies">
          {t("title")}
        </Title>
        <Text size="sm" c="dimmed">
          {t("hint")}{" "}
          <Anchor component={Link} href="/schedules" size="sm">
            {t("seeTasks")}
          </Anchor>
        </Text>
      </Box>
      {outlook.isPending && <RowsSkeleton />}
      {!outlook.data && <QueryError query={outlook} p="md" />}
      {outlook.data && (
        <>
          <Box style={{ overflowX: "auto" }} tabIndex={0} role="region" aria-labelledby="policies">
            <Table
              className={stacked.table}
              horizontalSpacing="lg"
              verticalSpacing="xs"
              fz="sm"
              miw={{ base: 0, sm: 640 }}
            >
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t("what")}</Table.Th>
                  <Table.Th>{t("retention")}</Table.Th>
                  <Table.Th>{t("removes")}</Table.Th>
                  <Table.Th ta="right">{t("space")}</Table.Th>
                  <Table.Th>{t("next")}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {outlook.data.policies.map((policy) => (
                  <PolicyRow key={policy.task_type} policy={policy} now={outlook.dataUpdatedAt} />
                ))}
              </Table.Tbody>
            </Table>
          </Box>
          <Group px={pad} py="xs">
            <Text size="xs" c="dimmed">
              {t("archives", { days: outlook.data.archives_retention_days })}
            </Text>
          </Group>
        </>
      )}
    </Panel>
  );
}

/** @param now when it was read, milliseconds since 1970 */
function PolicyRow({ policy, now }: { policy: Policy; now: number }) {
  const t = useTranslations("cleanup");
  const { relative } = useNumberText();
  const timeZone = useTimeZone() ?? "UTC";
  const bytes = useBytes();
  const { task_type, days_to_keep, matched_count, matched_bytes, months, next_run_at } = policy;
  const affected = months.filter((month) => month.matched_count > 0).length;
  return (
    <Table.Tr data-policy={task_type}>
      <Table.Td fw={600}>{t(`types.${task_type}`)}</Table.Td>
      <Table.Td data-label={t("policies.retention")} style={{ whiteSpace: "nowrap" }}>
        {t("policies.days", { count: days_to_keep })}
      </Table.Td>
      <Table.Td data-label={t("policies.removes")}>
        {matched_count === 0 ? (
          <Text size="sm" c="dimmed">
            {t("policies.nothing")}
          </Text>
        ) : (
          <div>
            {t(task_type === "exports" ? "policies.files" : "policies.rows", { count: matched_count })}
            <Text size="xs" c="dimmed">
              {t("policies.months", { count: affected })}
            </Text>
          </div>
        )}
      </Table.Td>
      <Table.Td data-label={t("policies.space")} ta="right" style={{ whiteSpace: "nowrap" }}>
        {matched_count === 0 ? "–" : bytes(matched_bytes)}
      </Table.Td>
      <Table.Td data-label={t("policies.next")} style={{ whiteSpace: "nowrap" }}>
        {next_run_at === null ? (
          <Text size="sm" c="var(--app-warn)">
            {t("policies.nextDisabled")}
          </Text>
        ) : (
          <div>
            {relative(Date.parse(next_run_at), now)}
            <Text size="xs" c="dimmed">
              {formatTime(next_run_at, timeZone)}
            </Text>
          </div>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
