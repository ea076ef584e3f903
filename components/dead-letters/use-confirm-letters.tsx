"use client";

import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useTranslations } from "next-intl";

/** Confirms replaying many dead letters or discarding any. */
export function useConfirmLetters() {
  const t = useTranslations();
  const cancel = t("common.cancel");
  return {
    confirmReplay: (count: number, onConfirm: () => void) =>
      modals.openConfirmModal({
        title: t("deadLetters.replayGroupTitle", { count }),
        children: <Text size="sm">{t("deadLetters.replayGroupBody")}</Text>,
        labels: { confirm: t("deadLetters.replay"), cancel },
        onConfirm,
      }),
    confirmDiscard: (count: number, onConfirm: () => void) =>
      modals.openConfirmModal({
        title: t("deadLetters.discardTitle", { count }),
        children: <Text size="sm">{t("deadLetters.discardBody")}</Text>,
        labels: { confirm: t("deadLetters.discard"), cancel },
        confirmProps: { color: "red" },
        onConfirm,
      }),
  };
}
