"use client";

import { Button, Code, Group, Text, Title } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { useTRPC } from "@/components/trpc";
import { notifyDone, notifyFailed } from "@/components/ui/notify";
import { Panel } from "@/components/ui/panel";
import classes from "@/components/ui/panel-row.module.css";
import { QueryError } from "@/components/ui/query-error";
import { RowsSkeleton } from "@/components/ui/rows-skeleton";
import { formatTime } from "@/components/ui/time";
import { useActorName } from "@/components/ui/use-actor-name";
import { useErrorText } from "@/components/ui/use-error-text";

/** The saved mappings, which the command line and the API name. */
export function MappingsPanel() {
  const t = useTranslations();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const actorName = useActorName();
  const timeZone = useTimeZone() ?? "UTC";
  const list = useQuery(trpc.mappings.list.queryOptions());
  const remove = useMutation(
    trpc.mappings.remove.mutationOptions({
      onSuccess: () => notifyDone(t("import.mapping.list.removed")),
      onError: (error) => notifyFailed(t("import.mapping.list.removeFailed"), errorText(error)),
      onSettled: () => queryClient.invalidateQueries(trpc.mappings.pathFilter()),
    }),
  );
  const confirm = (name: string) =>
    modals.openConfirmModal({
      title: t("import.mapping.list.confirmTitle", { name }),
      children: <Text size="sm">{t("import.mapping.list.confirmBody")}</Text>,
      labels: { confirm: t("import.mapping.list.remove"), cancel: t("common.cancel") },
      confirmProps: { color: "red" },
      onConfirm: () => remove.mutate({ name }),
    });
  const items = list.data?.items ?? [];
  const pad = { base: "md", sm: "lg" };
  return (
    <Panel mt="lg" aria-labelledby="mappings" pb="xs">
      <Title order={2} id="mappings" px={pad} pt="md" pb="xs">
        {t("import.mapping.list.title")}
      </Title>
      {list.isPending && <RowsSkeleton />}
      {!list.data && <QueryError query={list} p="md" />}
      {list.data && items.length === 0 && (
        <Text size="sm" c="dimmed" px={pad} pb="md">
          {t("import.mapping.list.none")}
        </Text>
      )}
      {items.map(({ name, version, table, expression, created_at, created_by }) => (
        <div key={name} className={classes.row} data-mapping={name}>
          <div className={classes.facts}>
            <Group gap="xs">
              <Text fw={600}>{name}</Text>
              <Text size="sm" c="dimmed">
                {t(`tables.${table}`)}
              </Text>
            </Group>
            <Code block mt={4} style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
              {expression}
            </Code>
            <Text size="xs" c="dimmed" mt={4}>
              {t("import.mapping.list.facts", {
                version,
                time: formatTime(created_at, timeZone),
                name: actorName(created_by),
              })}
            </Text>
          </div>
          <Button size="xs" variant="default" onClick={() => confirm(name)}>
            {t("import.mapping.list.remove")}
          </Button>
        </div>
      ))}
    </Panel>
  );
}
