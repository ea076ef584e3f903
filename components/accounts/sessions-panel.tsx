"use client";

import { Badge, Button, Group, Skeleton, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { type RouterOutputs, useTRPC } from "../trpc";
import { notifyDone, notifyFailed } from "../ui/notify";
import { Panel } from "../ui/panel";
import { QueryError } from "../ui/query-error";
import { formatTime } from "../ui/time";
import { useErrorText } from "../ui/use-error-text";
import classes from "./rows.module.css";

type Session = RouterOutputs["account"]["sessions"][number];

/** The active sessions of the user, with sign-out. */
export function SessionsPanel() {
  const t = useTranslations("account");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const sessions = useQuery(trpc.account.sessions.queryOptions());
  const shared = {
    onError: (error: unknown) => notifyFailed(t("endFailed"), errorText(error)),
    onSettled: () => queryClient.invalidateQueries(trpc.account.pathFilter()),
  };
  const end = useMutation(trpc.account.endSession.mutationOptions(shared));
  const endOthers = useMutation(
    trpc.account.endOtherSessions.mutationOptions({
      ...shared,
      onSuccess: ({ ended }) => notifyDone(t("ended", { count: ended })),
    }),
  );
  return (
    <Panel aria-labelledby="own-sessions">
      <Group justify="space-between" px={{ base: "md", sm: "lg" }} pt="md" pb="sm" gap="xs">
        <div>
          <Title order={2} id="own-sessions">
            {t("sessions")}
          </Title>
          <Text size="sm" c="dimmed">
            {t("sessionsHint")}
          </Text>
        </div>
        {(sessions.data?.length ?? 0) > 1 && (
          <Button size="xs" variant="default" loading={endOthers.isPending} onClick={() => endOthers.mutate()}>
            {t("endOthers")}
          </Button>
        )}
      </Group>
      {sessions.isPending && <Skeleton h={60} m="md" w="auto" />}
      <QueryError query={sessions} p="md" />
      {sessions.data?.map((session) => (
        <SessionRow key={session.id} session={session} onEnd={() => end.mutate({ id: session.id })} />
      ))}
    </Panel>
  );
}

function SessionRow({ session, onEnd }: { session: Session; onEnd: () => void }) {
  const t = useTranslations("account");
  const timeZone = useTimeZone() ?? "UTC";
  const { browser, os, ip_address, created_at, last_seen_at, current } = session;
  const device = browser && os ? t("browserOn", { browser, os }) : (browser ?? os ?? t("unknownDevice"));
  return (
    <div className={classes.row} data-testid="session">
      <div className={classes.main}>
        <Group gap={8}>
          <Text size="sm" fw={600}>
            {device}
          </Text>
          {current && (
            <Badge size="sm" variant="light" tt="none">
              {t("current_session")}
            </Badge>
          )}
        </Group>
        <Text size="xs" c="dimmed">
          {[
            ip_address ?? t("unknownAddress"),
            t("lastSeen", { time: formatTime(last_seen_at, timeZone) }),
            t("since", { time: formatTime(created_at, timeZone) }),
          ].join(" · ")}
        </Text>
      </div>
      {!current && (
        <Button size="xs" variant="default" onClick={onEnd}>
          {t("end")}
        </Button>
      )}
    </div>
  );
}
