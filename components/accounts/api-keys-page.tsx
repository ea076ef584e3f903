"use client";

import { Badge, Button, Code, EmptyState, Group, Skeleton, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { type RouterOutputs, useTRPC } from "../trpc";
import { notifyFailed } from "../ui/notify";
import { PageHeader } from "../ui/page-header";
import { Panel } from "../ui/panel";
import { QueryError } from "../ui/query-error";
import { formatTime } from "../ui/time";
import { useActorName } from "../ui/use-actor-name";
import { useErrorText } from "../ui/use-error-text";
import { useOrigin } from "../ui/use-origin";
import { ApiKeyForm } from "./api-key-form";
import classes from "./rows.module.css";
import { SecretOnce } from "./secret-once";

type ApiKey = RouterOutputs["apiKeys"]["list"][number];

const FORM = "make-api-key";
const KEY = "made-api-key";
const REFRESH_MS = 15_000;

/** The API keys page. */
export function ApiKeysPage() {
  const t = useTranslations("apiKeys");
  const trpc = useTRPC();
  const keys = useQuery(trpc.apiKeys.list.queryOptions(undefined, { refetchInterval: REFRESH_MS }));
  const show = (name: string, key: string) => {
    modals.close(FORM);
    modals.open({
      modalId: KEY,
      title: t("createdTitle", { name }),
      size: "lg",
      closeOnClickOutside: false,
      children: <SecretOnce label={t("key")} value={key} hint={t("createdHint")} onDone={() => modals.close(KEY)} />,
    });
  };
  const create = () =>
    modals.open({ modalId: FORM, title: t("createTitle"), children: <ApiKeyForm onCreated={show} /> });
  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle")}>
        <Button leftSection={<IconPlus size={16} stroke={1.6} />} onClick={create}>
          {t("create")}
        </Button>
      </PageHeader>
      {keys.isPending && <Skeleton h={130} />}
      <QueryError query={keys} mb="md" />
      {keys.data && (
        <Panel aria-label={t("title")} mb="sm">
          {keys.data.length === 0 && (
            <EmptyState icon={<IconKey stroke={1.6} />} title={t("none")} description={t("noneHint")} py="xl" px="md" />
          )}
          {keys.data.map((key) => (
            <KeyRow key={key.id} apiKey={key} />
          ))}
        </Panel>
      )}
      {keys.data && <CollectorHint />}
    </>
  );
}

/** The URLs to enter in collectors. */
function CollectorHint() {
  const t = useTranslations("apiKeys");
  const base = `${useOrigin()}/api/collect`;
  return (
    <Text size="sm" c="dimmed">
      {t.rich("collectors", {
        elasticsearch: `${base}/elasticsearch`,
        splunk: `${base}/splunk`,
        url: (chunks) => <Code>{chunks}</Code>,
      })}
    </Text>
  );
}

function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const t = useTranslations("apiKeys");
  const tCommon = useTranslations("common");
  const tRole = useTranslations("user.role");
  const timeZone = useTimeZone() ?? "UTC";
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const actorName = useActorName();
  const { id, name, role, prefix, created_by, created_at, expires_at, last_used_at, revoked_at, is_ownerless } = apiKey;
  const revoke = useMutation(
    trpc.apiKeys.revoke.mutationOptions({
      onError: (error) => notifyFailed(t("revokeFailed"), errorText(error)),
      onSettled: () => queryClient.invalidateQueries(trpc.apiKeys.pathFilter()),
    }),
  );
  const hasExpired = expires_at !== null && Date.parse(expires_at) <= Date.now();
  const state = revoked_at !== null ? "revoked" : hasExpired ? "expired" : is_ownerless ? "ownerless" : null;
  const time = (iso: string) => formatTime(iso, timeZone);
  const confirmRevoke = () =>
    modals.openConfirmModal({
      title: t("revokeTitle", { name }),
      children: <Text size="sm">{t("revokeBody")}</Text>,
      labels: { confirm: t("revoke"), cancel: tCommon("cancel") },
      confirmProps: { color: "red" },
      onConfirm: () => revoke.mutate({ id }),
    });
  const facts = [
    last_used_at ? t("lastUsed", { time: time(last_used_at) }) : t("neverUsed"),
    revoked_at
      ? t("revokedAt", { time: time(revoked_at) })
      : expires_at
        ? t(hasExpired ? "expiredAt" : "expiresAt", { time: time(expires_at) })
        : t("neverExpires"),
    created_by
      ? t("createdBy", { name: actorName(created_by), time: time(created_at) })
      : t("createdAt", { time: time(created_at) }),
  ];
  return (
    <div className={classes.row} data-testid="api-key" data-off={state ?? undefined}>
      <div className={classes.main}>
        <Group gap={8}>
          <Text size="sm" fw={600}>
            {name}
          </Text>
          <Text size="xs" ff="monospace" c="dimmed">
            {prefix}…
          </Text>
          <Badge size="sm" variant="light" color={role === "admin" ? "red" : "gray"} tt="none">
            {tRole(role)}
          </Badge>
          {state && (
            <Badge size="sm" variant="outline" color="gray" tt="none">
              {t(state)}
            </Badge>
          )}
        </Group>
        <Text size="xs" c="dimmed">
          {facts.join(" · ")}
        </Text>
      </div>
      {(!state || state === "ownerless") && (
        <Button size="xs" variant="default" loading={revoke.isPending} onClick={confirmRevoke}>
          {t("revoke")}
        </Button>
      )}
    </div>
  );
}
