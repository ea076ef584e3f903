"use client";

import { ActionIcon, Anchor, Box, Text, Title, VisuallyHidden } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconPencil } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTimeZone, useTranslations } from "next-intl";
import { useOldSince } from "@/components/live/use-old-since";
import { useMay } from "@/components/session";
import { type RouterOutputs, useTRPC } from "@/components/trpc";
import { OldFigures } from "@/components/ui/old-figures";
import { Panel } from "@/components/ui/panel";
import { QueryError } from "@/components/ui/query-error";
import { RowsSkeleton } from "@/components/ui/rows-skeleton";
import stacked from "@/components/ui/stacked-table.module.css";
import { Table } from "@/components/ui/table";
import { formatTime } from "@/components/ui/time";
import { useActorName } from "@/components/ui/use-actor-name";
import { useDialog } from "@/components/ui/use-dialog";
import { useNumberText } from "@/components/ui/use-number-text";
import { useNumbers } from "@/components/ui/use-numbers";
import type { RetentionPolicy } from "./policy-form";

type Outlook = RouterOutputs["retention"]["outlook"];
type Policy = Outlook["policies"][number];

/** Counting reads every row that may be deleted, so the result is reused. */
const loadForm = () => import("./policy-form");

const FRESH_MS = 60_000;

/** The retention policies and what their next cleanup deletes. */
export function PolicyPanel() {
  const t = useTranslations("cleanup.policies");
  const trpc = useTRPC();
  const outlook = useQuery(trpc.retention.outlook.queryOptions(undefined, { staleTime: FRESH_MS }));
  const settings = useQuery(trpc.retention.policies.queryOptions());
  const since = useOldSince(outlook);
  const mayEdit = useMay("cleanup");
  const mayEditSchedule = useMay("scheduled-tasks");
  const settingOf = (id: RetentionPolicy["id"]) => settings.data?.find((one) => one.id === id);
  const pad = { base: "md", sm: "lg" };
  return (
    <Panel mb="lg" aria-labelledby="policies" pb="xs">
      <Box px={pad} pt="md" pb="xs">
        <Title order={2} id="policies">
          {t("title")}
        </Title>
        <Text size="sm" c="dimmed">
          {t("hint")}{" "}
          <Anchor component={Link} href="/schedules" size="sm" underline="always">
            {t(mayEditSchedule ? "seeTasks" : "viewTasks")}
          </Anchor>
        </Text>
      </Box>
      {outlook.isPending && <RowsSkeleton />}
      {!outlook.data && <QueryError query={outlook} p="md" />}
      {outlook.data && (
        <OldFigures since={since} px={pad} pb="xs">
          <Box style={{ overflowX: "auto" }} tabIndex={0} role="group" aria-labelledby="policies">
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
                  {mayEdit && (
                    <Table.Th w={60}>
                      <VisuallyHidden>{t("edit")}</VisuallyHidden>
                    </Table.Th>
                  )}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {outlook.data.policies.map((policy) => (
                  <PolicyRow
                    key={policy.task_type}
                    id={policy.task_type}
                    shown={shownPolicy(policy)}
                    setting={settingOf(policy.task_type)}
                    now={outlook.dataUpdatedAt}
                  />
                ))}
                <PolicyRow
                  id="archives"
                  shown={{ ...outlook.data.archives, days: outlook.data.archives_retention_days }}
                  setting={settingOf("archives")}
                  now={outlook.dataUpdatedAt}
                />
              </Table.Tbody>
            </Table>
          </Box>
        </OldFigures>
      )}
    </Panel>
  );
}

interface Shown {
  readonly days: number;
  readonly matched_count: number;
  readonly matched_bytes: number;
  readonly next_run_at: string | null;
  /** The number of months with rows to delete. */
  readonly months?: number;
}

function shownPolicy(policy: Policy): Shown {
  const { days_to_keep: days, matched_count, matched_bytes, next_run_at } = policy;
  const months = policy.months.filter((month) => month.matched_count > 0).length;
  return { days, matched_count, matched_bytes, next_run_at, months };
}

interface RowProps {
  id: RetentionPolicy["id"];
  shown: Shown;
  /** Undefined while it is read. */
  setting: RetentionPolicy | undefined;
  /** When it was read, milliseconds since 1970. */
  now: number;
}

function PolicyRow({ id, shown, setting, now }: RowProps) {
  const t = useTranslations("cleanup");
  const { relative } = useNumberText();
  const timeZone = useTimeZone() ?? "UTC";
  const { bytes } = useNumbers();
  const actorName = useActorName();
  const mayEdit = useMay("cleanup");
  const openDialog = useDialog();
  const { days, matched_count, matched_bytes, next_run_at, months } = shown;
  const what = t(`types.${id}`);
  const edit = (policy: RetentionPolicy) => {
    const modalId = `retention-${id}`;
    openDialog(loadForm, ({ PolicyForm }) =>
      modals.open({
        modalId,
        title: t("policyForm.title", { what }),
        children: <PolicyForm policy={policy} onDone={() => modals.close(modalId)} />,
      }),
    );
  };
  return (
    <Table.Tr data-policy={id}>
      <Table.Td fw={600}>{what}</Table.Td>
      <Table.Td data-label={t("policies.retention")}>
        <div>
          {days === 0 && id === "archives" ? t("policies.unlimited") : t("policies.days", { count: days })}
          {setting && (
            <Text size="xs" c="dimmed">
              {setting.changed_at === null
                ? setting.variable
                : t("policies.changed", {
                    name: actorName(setting.changed_by ?? ""),
                    time: formatTime(setting.changed_at, timeZone),
                  })}
            </Text>
          )}
        </div>
      </Table.Td>
      <Table.Td data-label={t("policies.removes")}>
        {matched_count === 0 ? (
          <Text size="sm" c="dimmed">
            {t("policies.nothing")}
          </Text>
        ) : (
          <div>
            {t(id === "exports" || id === "archives" ? "policies.files" : "policies.rows", { count: matched_count })}
            {months !== undefined && (
              <Text size="xs" c="dimmed">
                {t("policies.months", { count: months })}
              </Text>
            )}
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
      {mayEdit && (
        <Table.Td data-label={t("policies.edit")}>
          <ActionIcon
            variant="default"
            size="md"
            aria-label={t("policyForm.title", { what })}
            disabled={!setting}
            onClick={() => setting && edit(setting)}
          >
            <IconPencil size={16} stroke={1.7} aria-hidden />
          </ActionIcon>
        </Table.Td>
      )}
    </Table.Tr>
  );
}
