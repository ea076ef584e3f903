"use client";

import { Button, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import type { LogTableName } from "@/server/catalog";
import { useTRPC } from "../trpc";
import { notifyDone, notifyFailed } from "../ui/notify";
import { Tooltip } from "../ui/tooltip";
import { useErrorText } from "../ui/use-error-text";
import { useNotNow } from "./use-not-now";

/** Pauses a queue after confirmation, or resumes it. */
export function PauseButton({ name, paused }: { name: LogTableName; paused: boolean }) {
  const t = useTranslations();
  const trpc = useTRPC();
  const errorText = useErrorText();
  const reason = useNotNow("queues.pause");
  const queue = t(`tables.${name}`);
  const change = useMutation(
    trpc.queues.setPaused.mutationOptions({
      onSuccess: (_result, input) =>
        notifyDone(input.paused ? t("queues.pausedToast", { queue }) : t("queues.resumedToast", { queue })),
      onError: (error) => notifyFailed(t("queues.changeFailed"), errorText(error)),
    }),
  );

  const pause = () =>
    modals.openConfirmModal({
      title: t("queues.pauseTitle", { queue }),
      children: <Text size="sm">{t("queues.pauseBody")}</Text>,
      labels: { confirm: t("queues.pauseConfirm"), cancel: t("common.cancel") },
      onConfirm: () => change.mutate({ queue: name, paused: true }),
    });

  return (
    <Tooltip label={reason} disabled={reason === null}>
      <Button
        size="xs"
        variant="default"
        leftSection={paused ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
        loading={change.isPending}
        data-disabled={reason !== null || undefined}
        aria-disabled={reason !== null}
        onClick={() => {
          if (reason !== null) return;
          if (paused) change.mutate({ queue: name, paused: false });
          else pause();
        }}
      >
        {paused ? t("queues.resume") : t("queues.pause")}
      </Button>
    </Tooltip>
  );
}
