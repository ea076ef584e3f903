"use client";

import { Button } from "@mantine/core";
import { IconEye } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useMay } from "../session";
import { useTRPC } from "../trpc";
import { notifyDone, notifyFailed } from "../ui/notify";
import { Tooltip } from "../ui/tooltip";
import { useErrorText } from "../ui/use-error-text";

/** Acknowledges an alert: its notifications are muted until it resolves. */
export function AcknowledgeButton({ id }: { id: string }) {
  const t = useTranslations();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const allowed = useMay("alerts.acknowledge");
  const acknowledge = useMutation(
    trpc.alerts.acknowledge.mutationOptions({
      onSuccess: () => notifyDone(t("alerts.acknowledgedToast")),
      onError: (error) => notifyFailed(t("alerts.acknowledgeFailed"), errorText(error)),
      onSettled: () => queryClient.invalidateQueries(trpc.alerts.list.pathFilter()),
    }),
  );
  return (
    <Tooltip label={t("common.operatorOnly")} disabled={allowed}>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconEye size={15} />}
        loading={acknowledge.isPending}
        data-disabled={!allowed || undefined}
        aria-disabled={!allowed}
        onClick={() => allowed && acknowledge.mutate({ id })}
      >
        {t("alerts.acknowledge")}
      </Button>
    </Tooltip>
  );
}
