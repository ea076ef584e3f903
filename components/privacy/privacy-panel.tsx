"use client";

import { Box, Skeleton, Stack, Switch, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { useTRPC } from "@/components/trpc";
import { notifyDone, notifyFailed } from "@/components/ui/notify";
import { Panel } from "@/components/ui/panel";
import { QueryError } from "@/components/ui/query-error";
import { formatTime } from "@/components/ui/time";
import { useErrorText } from "@/components/ui/use-error-text";
import { PERSONAL_COLUMNS } from "@/server/catalog";
import classes from "./privacy-panel.module.css";

/** The columns masked for viewers, with examples. */
export function PrivacyPanel() {
  const t = useTranslations();
  const trpc = useTRPC();
  const timeZone = useTimeZone() ?? "UTC";
  const settings = useQuery(trpc.privacy.settings.queryOptions());
  const { change, isPending } = useChangePrivacy();
  const { data } = settings;
  const masked = data?.masked_columns ?? [];
  return (
    <Panel p={{ base: "md", sm: "lg" }} maw={760} aria-labelledby="privacy">
      <Title order={2} id="privacy" mb={4}>
        {t("privacy.maskTitle")}
      </Title>
      <Text size="sm" c="dimmed" mb="lg">
        {t("privacy.maskAbout")}
      </Text>
      {settings.isPending && <Skeleton h={190} />}
      {!data && <QueryError query={settings} />}
      {data && (
        <Stack gap={0}>
          {PERSONAL_COLUMNS.map((name) => (
            <Box key={name} className={classes.column}>
              <Switch
                label={t(`columns.${name}`)}
                description={t(`privacy.about.${name}`)}
                checked={masked.includes(name)}
                disabled={isPending}
                onChange={(event) =>
                  change({
                    masked_columns: event.currentTarget.checked
                      ? [...masked, name]
                      : masked.filter((other) => other !== name),
                  })
                }
              />
              <Text component="code" size="sm" className={classes.example} data-masked={masked.includes(name)}>
                {t(masked.includes(name) ? `privacy.masked.${name}` : `privacy.open.${name}`)}
              </Text>
            </Box>
          ))}
          <Text size="xs" c="dimmed" mt="md">
            {data.changed_at !== null && data.changed_by !== null
              ? t("privacy.changed", { name: data.changed_by, time: formatTime(data.changed_at, timeZone) })
              : t("privacy.unchanged")}
          </Text>
        </Stack>
      )}
    </Panel>
  );
}

function useChangePrivacy() {
  const t = useTranslations("privacy");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const { mutate, isPending } = useMutation(
    trpc.privacy.change.mutationOptions({
      onSuccess: (settings) => {
        queryClient.setQueryData(trpc.privacy.settings.queryKey(), settings);
        notifyDone(t("saved"));
      },
      onError: (error) => notifyFailed(t("failed"), errorText(error)),
    }),
  );
  return { change: mutate, isPending };
}
