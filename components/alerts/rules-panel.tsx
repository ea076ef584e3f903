"use client";

import { ActionIcon, Badge, Box, Group, Skeleton, Switch, Text, Title } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconPencil } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { useMay } from "../session";
import { useTRPC } from "../trpc";
import { NoValue } from "../ui/no-value";
import { notifyDone, notifyFailed } from "../ui/notify";
import { Panel } from "../ui/panel";
import { QueryError } from "../ui/query-error";
import { Table } from "../ui/table";
import { formatTime } from "../ui/time";
import { Tooltip } from "../ui/tooltip";
import { useErrorText } from "../ui/use-error-text";
import { useNumbers } from "../ui/use-numbers";
import { ThresholdForm } from "./threshold-form";
import { type Rule, useAlertText } from "./use-alert-text";

/** The alert rules with their thresholds and pending periods. */
export function RulesPanel() {
  const t = useTranslations();
  const trpc = useTRPC();
  const rules = useQuery(trpc.alerts.rules.queryOptions());
  const pad = { base: "md", sm: "lg" };
  return (
    <Panel mb="lg" aria-labelledby="alert-rules">
      <Title order={2} id="alert-rules" px={pad} pt="md" pb="xs">
        {t("alerts.rulesTitle")}
      </Title>
      {rules.isPending && <Skeleton h={320} m="md" w="auto" />}
      <QueryError query={rules} p="md" />
      {rules.data && (
        <Box style={{ overflowX: "auto" }} tabIndex={0} role="group" aria-labelledby="alert-rules" pb="xs">
          <Table horizontalSpacing="md" verticalSpacing="xs" fz="sm" miw={{ base: 0, sm: 640 }}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={104}>{t("alerts.enabled")}</Table.Th>
                <Table.Th>{t("alerts.rule")}</Table.Th>
                <Table.Th w={190} visibleFrom="sm">
                  {t("alerts.threshold")}
                </Table.Th>
                <Table.Th w={190} visibleFrom="sm">
                  {t("alerts.pendingPeriod")}
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rules.data.map((rule) => (
                <RuleRow key={rule.rule} rule={rule} />
              ))}
            </Table.Tbody>
          </Table>
        </Box>
      )}
    </Panel>
  );
}

function RuleRow({ rule }: { rule: Rule }) {
  const t = useTranslations();
  const timeZone = useTimeZone() ?? "UTC";
  const { duration } = useNumbers();
  const { amount } = useAlertText();
  const allowed = useMay("alerts");
  const { change, isPending } = useChangeRule();
  const name = t(`alerts.rules.${rule.rule}.name`);
  const edit = () => {
    const id = `threshold-${rule.rule}`;
    modals.open({
      modalId: id,
      title: t("alerts.editTitle", { rule: name }),
      children: (
        <ThresholdForm
          rule={rule}
          onSave={(threshold) => {
            change({ rule: rule.rule, threshold });
            modals.close(id);
          }}
        />
      ),
    });
  };
  const threshold = (
    <Group gap={6} wrap="nowrap">
      <Text size="sm" fw={600} style={{ whiteSpace: "nowrap" }}>
        {amount(rule.threshold, rule.unit)}
      </Text>
      {rule.threshold === rule.default_threshold && (
        <Text size="xs" c="dimmed">
          {t("alerts.isDefault")}
        </Text>
      )}
      {allowed && (
        <ActionIcon variant="subtle" color="gray" aria-label={`${t("alerts.edit")}: ${name}`} onClick={edit}>
          <IconPencil size={16} stroke={1.7} />
        </ActionIcon>
      )}
    </Group>
  );
  return (
    <Table.Tr data-rule={rule.rule}>
      <Table.Td>
        <Tooltip label={t("common.adminOnly")} disabled={allowed}>
          <Box component="span" display="inline-block">
            <Switch
              checked={rule.enabled}
              disabled={!allowed || isPending}
              aria-label={name}
              onChange={(event) => change({ rule: rule.rule, enabled: event.currentTarget.checked })}
            />
          </Box>
        </Tooltip>
      </Table.Td>
      <Table.Td>
        <Group gap={8}>
          <Text size="sm" fw={600}>
            {name}
          </Text>
          <Badge size="sm" variant="light" color={rule.severity === "critical" ? "red" : "orange"} tt="none">
            {t(`alerts.severity.${rule.severity}`)}
          </Badge>
        </Group>
        <Text size="xs" c="dimmed">
          {t(`alerts.rules.${rule.rule}.about`)}
          {rule.changed_by !== null &&
            rule.changed_at !== null &&
            ` ${t("alerts.changed", { name: rule.changed_by, time: formatTime(rule.changed_at, timeZone) })}`}
        </Text>
        {rule.unit !== "flag" && (
          <Group gap={6} mt={2} wrap="nowrap" hiddenFrom="sm">
            <Text size="xs" c="dimmed">
              {t("alerts.threshold")}
            </Text>
            {threshold}
          </Group>
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        {rule.unit === "flag" ? <NoValue reason={t("alerts.stateChange")} /> : threshold}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Text size="sm">
          {rule.pending_seconds === 0
            ? t("alerts.noPending")
            : t("alerts.pending", { hold: duration(rule.pending_seconds) })}
        </Text>
        <Text size="xs" c="dimmed">
          {rule.clear_seconds === 0
            ? t("alerts.clearsImmediately")
            : t("alerts.clears", { clear: duration(rule.clear_seconds) })}
        </Text>
      </Table.Td>
    </Table.Tr>
  );
}

function useChangeRule() {
  const t = useTranslations("alerts");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const { mutate, isPending } = useMutation(
    trpc.alerts.changeRule.mutationOptions({
      onSuccess: (rules) => {
        queryClient.setQueryData(trpc.alerts.rules.queryKey(), rules);
        notifyDone(t("savedToast"));
      },
      onError: (error) => notifyFailed(t("changeFailed"), errorText(error)),
    }),
  );
  return { change: mutate, isPending };
}
