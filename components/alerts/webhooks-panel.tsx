"use client";

import { ActionIcon, Badge, Button, EmptyState, Group, Skeleton, Switch, Text, Title } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconBellPlus, IconPencil, IconPlus, IconSend, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { LOCALE_NAMES } from "@/messages/locales";
import { useMay } from "../session";
import { type RouterOutputs, useTRPC } from "../trpc";
import { Panel } from "../ui/panel";
import { QueryError } from "../ui/query-error";
import { formatTime } from "../ui/time";
import { Tooltip } from "../ui/tooltip";
import { useCodedError } from "../ui/use-coded-error";
import { useDialog } from "../ui/use-dialog";
import { useWebhookActions } from "./use-webhook-actions";
import type { EditedWebhook } from "./webhook-form";
import classes from "./webhooks-panel.module.css";

type Webhook = RouterOutputs["alerts"]["webhooks"][number];

const loadForm = () => import("./webhook-form");

const FORM = "webhook";
const REFRESH_MS = 10_000;

/** The notification channels. */
export function WebhooksPanel() {
  const t = useTranslations("alerts");
  const trpc = useTRPC();
  const allowed = useMay("alerts");
  const openDialog = useDialog();
  const webhooks = useQuery(trpc.alerts.webhooks.queryOptions(undefined, { refetchInterval: REFRESH_MS }));
  const open = (webhook: EditedWebhook | null) =>
    openDialog(loadForm, ({ WebhookForm }) =>
      modals.open({
        modalId: FORM,
        title: webhook ? t("editWebhook", { name: webhook.name }) : t("addTitle"),
        children: <WebhookForm webhook={webhook} onDone={() => modals.close(FORM)} />,
      }),
    );
  return (
    <Panel mb="lg" aria-labelledby="alert-webhooks">
      <Group justify="space-between" px={{ base: "md", sm: "lg" }} pt="md" pb="sm" gap="xs">
        <div>
          <Title order={2} id="alert-webhooks">
            {t("webhooksTitle")}
          </Title>
          <Text size="sm" c="dimmed">
            {t("webhooksHint")}
          </Text>
        </div>
        {allowed && (
          <Button size="xs" variant="default" leftSection={<IconPlus size={15} />} onClick={() => open(null)}>
            {t("add")}
          </Button>
        )}
      </Group>
      {webhooks.isPending && <Skeleton h={60} m="md" w="auto" />}
      <QueryError query={webhooks} p="md" />
      {webhooks.data?.length === 0 && (
        <EmptyState
          icon={<IconBellPlus stroke={1.6} />}
          title={t("webhooksNone")}
          description={t("webhooksNoneHint")}
          pb="xl"
          px="md"
        />
      )}
      {webhooks.data?.map((webhook) => (
        <WebhookRow key={webhook.id ?? "configured"} webhook={webhook} onEdit={open} />
      ))}
    </Panel>
  );
}

function WebhookRow({ webhook, onEdit }: { webhook: Webhook; onEdit: (webhook: EditedWebhook) => void }) {
  const t = useTranslations("alerts");
  const allowed = useMay("alerts");
  const tCommon = useTranslations("common");
  const { test, change, remove } = useWebhookActions();
  const { id, host, format, locale, is_signed, enabled } = webhook;
  const name = webhook.name ?? t("configured");
  const confirmRemove = () => {
    if (id === null) return;
    modals.openConfirmModal({
      title: t("removeTitle", { name }),
      children: <Text size="sm">{t("removeBody")}</Text>,
      labels: { confirm: t("remove"), cancel: tCommon("cancel") },
      confirmProps: { color: "red" },
      onConfirm: () => remove.mutate({ id }),
    });
  };
  return (
    <div className={classes.row} data-testid="webhook">
      <div>
        <Group gap={8}>
          <Text size="sm" fw={600}>
            {name}
          </Text>
          <Badge size="sm" variant="light" color="gray" tt="none">
            {t(`formats.${format}`)}
          </Badge>
          {is_signed && (
            <Badge size="sm" variant="light" color="teal" tt="none">
              {t("signed")}
            </Badge>
          )}
        </Group>
        <Text size="xs" c="dimmed">
          {host} · {LOCALE_NAMES[locale]}
        </Text>
        <LastSent last={webhook.last} />
      </div>
      {allowed && (
        <Group gap="xs" wrap="nowrap" className={classes.actions}>
          {id !== null && (
            <Switch
              checked={enabled}
              disabled={change.isPending}
              aria-label={`${t("enabled")}: ${name}`}
              onChange={(event) => change.mutate({ id, enabled: event.currentTarget.checked })}
            />
          )}
          <Button
            size="xs"
            variant="default"
            leftSection={<IconSend size={15} />}
            loading={test.isPending}
            onClick={() => test.mutate({ id })}
          >
            {t("test")}
          </Button>
          {id !== null && (
            <Group gap={4} wrap="nowrap">
              <Tooltip label={t("edit")}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`${t("edit")}: ${name}`}
                  onClick={() => onEdit({ ...webhook, id, name })}
                >
                  <IconPencil size={16} stroke={1.7} />
                </ActionIcon>
              </Tooltip>
              <Tooltip label={t("remove")}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`${t("remove")}: ${name}`}
                  onClick={confirmRemove}
                >
                  <IconTrash size={16} stroke={1.7} />
                </ActionIcon>
              </Tooltip>
            </Group>
          )}
        </Group>
      )}
    </div>
  );
}

function LastSent({ last }: { last: Webhook["last"] }) {
  const t = useTranslations("alerts");
  const timeZone = useTimeZone() ?? "UTC";
  const problemText = useCodedError();
  if (!last) {
    return (
      <Text size="xs" c="dimmed">
        {t("neverSent")}
      </Text>
    );
  }
  if (last.delivered) {
    return (
      <Text size="xs" c="var(--app-good)">
        {t("lastDelivered", { time: formatTime(last.at, timeZone) })}
      </Text>
    );
  }
  const error = last.error ? problemText(last.error) : "";
  return (
    <Text size="xs" c="var(--app-bad)">
      {last.waiting ? t("lastWaiting", { error }) : t("lastFailed", { error })}
    </Text>
  );
}
