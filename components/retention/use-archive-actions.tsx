"use client";

import { modals } from "@mantine/modals";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/components/trpc";
import { notifyDone, notifyFailed } from "@/components/ui/notify";
import { useCodedError } from "@/components/ui/use-coded-error";
import { useErrorText } from "@/components/ui/use-error-text";
import type { Archive } from "./archive";
import { RestoreForm } from "./restore-form";
import { useSeveralArchives } from "./use-several-archives";

/** Verify and restore an archive. */
export function useArchiveActions(archive: Archive) {
  const t = useTranslations();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const problemText = useCodedError();
  const check = useMutation(
    trpc.retention.verify.mutationOptions({
      onSuccess: ({ problem, rows }) =>
        problem === null
          ? notifyDone(t("cleanup.archives.verifyOk", { rows: rows ?? 0 }))
          : notifyFailed(t("cleanup.archives.verifyBad"), problemText(problem)),
      onError: (error) => notifyFailed(t("cleanup.archives.verifyFailed"), errorText(error)),
      onSettled: () => queryClient.invalidateQueries(trpc.retention.archives.pathFilter()),
    }),
  );
  const openRestore = () => {
    const modalId = `restore-${archive.id}`;
    modals.open({
      modalId,
      title: t("cleanup.archives.restoreTitle", { month: archive.month, table: t(`tables.${archive.table}`) }),
      children: (
        <RestoreForm
          archive={archive}
          onStarted={() => {
            modals.close(modalId);
            notifyDone(t("cleanup.archives.started"));
          }}
        />
      ),
    });
  };
  const { openDelete } = useSeveralArchives();
  return {
    openDelete: () => openDelete([archive.id], archive.rows),
    verify: () => check.mutate({ id: archive.id }),
    isVerifying: check.isPending,
    openRestore,
    problemText,
  };
}
