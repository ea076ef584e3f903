"use client";

import { modals } from "@mantine/modals";
import { useTranslations } from "next-intl";
import { notifyDone } from "@/components/ui/notify";
import { DeleteArchivesForm } from "./delete-archives-form";
import { RestoreSeveralForm, type RestoreTarget } from "./restore-several-form";

/** Opens the dialogs that restore or delete several archives. */
export function useSeveralArchives(onDone?: () => void) {
  const t = useTranslations("cleanup.archives");
  const openRestore = (target: RestoreTarget) => {
    const modalId = "restore-archives";
    modals.open({
      modalId,
      title:
        "month" in target
          ? t("restoreMonthTitle", { month: target.month })
          : t("restoreSeveralTitle", { count: target.ids.length }),
      children: (
        <RestoreSeveralForm
          target={target}
          onStarted={() => {
            modals.close(modalId);
            notifyDone(t("started"));
            onDone?.();
          }}
        />
      ),
    });
  };
  const openDelete = (ids: readonly string[], rows: number | null) => {
    const modalId = "delete-archives";
    modals.open({
      modalId,
      title: t("deleteTitle", { count: ids.length }),
      children: (
        <DeleteArchivesForm
          ids={ids}
          rows={rows}
          onDone={() => {
            modals.close(modalId);
            notifyDone(t("deleted", { count: ids.length }));
            onDone?.();
          }}
        />
      ),
    });
  };
  return { openRestore, openDelete };
}
