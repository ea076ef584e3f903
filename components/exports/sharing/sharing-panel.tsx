"use client";

import { Box, Switch, Text, Title } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { useMay } from "../../session";
import { useTRPC } from "../../trpc";
import { notifyDone, notifyFailed } from "../../ui/notify";
import { Panel } from "../../ui/panel";
import { QueryError } from "../../ui/query-error";
import { formatTime } from "../../ui/time";
import { useErrorText } from "../../ui/use-error-text";
import classes from "../export-list.module.css";
import { LinkItem } from "./link-item";
import { useLinks } from "./use-links";

/** The links to files, and for administrators whether there may be any; nothing if there are none to see. */
export function SharingPanel() {
  const t = useTranslations("exports.sharing");
  const timeZone = useTimeZone() ?? "UTC";
  const mayChange = useMay("exports.sharing");
  const { settings, isAllowed, links } = useLinks();
  const { change, isPending } = useChangeSharing();
  const listed = links.data?.links ?? [];
  const tCommon = useTranslations("common");
  if (!mayChange && !isAllowed) return null;

  const confirmOff = () =>
    modals.openConfirmModal({
      title: t("offTitle"),
      children: <Text size="sm">{t("offBody", { count: listed.length })}</Text>,
      labels: { confirm: t("off"), cancel: tCommon("cancel") },
      confirmProps: { color: "red" },
      onConfirm: () => change({ is_allowed: false }),
    });

  return (
    <Panel aria-labelledby="export-links" mb="lg">
      <Title order={2} id="export-links" className={classes.title}>
        {t("title")}
      </Title>
      <Box px="lg" pb="md">
        {!settings.data && <QueryError query={settings} />}
        {mayChange && settings.data && (
          <>
            <Switch
              label={t("allow")}
              description={t("allowHint")}
              checked={isAllowed}
              disabled={isPending}
              onChange={(event) =>
                event.currentTarget.checked || listed.length === 0
                  ? change({ is_allowed: event.currentTarget.checked })
                  : confirmOff()
              }
            />
            {settings.data.changed_at !== null && settings.data.changed_by !== null && (
              <Text size="xs" c="dimmed" mt={6}>
                {t("changed", {
                  name: settings.data.changed_by,
                  time: formatTime(settings.data.changed_at, timeZone),
                })}
              </Text>
            )}
          </>
        )}
        {isAllowed && !links.data && <QueryError query={links} mt="sm" />}
        {isAllowed && links.data && listed.length === 0 && (
          <Text size="sm" c="dimmed" mt="sm">
            {t("empty")}
          </Text>
        )}
      </Box>
      {listed.length > 0 && (
        <ul className={classes.list}>
          {listed.map((link) => (
            <LinkItem key={link.link_id} link={link} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function useChangeSharing() {
  const t = useTranslations("exports.sharing");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const { mutate, isPending } = useMutation(
    trpc.exports.changeSharing.mutationOptions({
      onSuccess: (settings) => {
        queryClient.setQueryData(trpc.exports.sharing.queryKey(), settings);
        notifyDone(t(settings.is_allowed ? "allowed" : "forbidden"));
      },
      onError: (error) => notifyFailed(t("notChanged"), errorText(error)),
      onSettled: () => queryClient.invalidateQueries(trpc.exports.links.pathFilter()),
    }),
  );
  return { change: mutate, isPending };
}
