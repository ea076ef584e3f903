"use client";

import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/components/trpc";
import { notifyDone, notifyFailed } from "@/components/ui/notify";
import { useErrorText } from "@/components/ui/use-error-text";
import type { ImportItem } from "./import-item";

/** Confirms and starts the undo of an import. */
export function useUndoImport({ import_id: id, file_name, inserted, queued, removed }: ImportItem) {
  const t = useTranslations();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const start = useMutation(
    trpc.imports.undo.mutationOptions({
      onSuccess: () => notifyDone(t("import.list.started")),
      onError: (error) => notifyFailed(t("import.list.startFailed"), errorText(error)),
      onSettled: () => queryClient.invalidateQueries(trpc.imports.pathFilter()),
    }),
  );
  const confirm = () =>
    modals.openConfirmModal({
      title: t("import.list.confirmTitle", { name: file_name ?? t("import.list.unnamed") }),
      children: (
        <Text size="sm">
          {t("import.list.confirmBody", { count: Math.max(0, inserted - removed) })}
          {queued > 0 && <> {t("import.list.confirmQueued", { count: queued })}</>}
        </Text>
      ),
      labels: { confirm: t("import.list.confirm"), cancel: t("common.cancel") },
      confirmProps: { color: "red" },
      onConfirm: () => start.mutate({ id }),
    });
  return { confirm, isStarting: start.isPending };
}
