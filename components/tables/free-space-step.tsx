"use client";

import { Button, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useTimeZone, useTranslations } from "next-intl";
import { useSeveralArchives } from "../retention/use-several-archives";
import { type RouterOutputs, useTRPC } from "../trpc";
import { notifyDone, notifyFailed } from "../ui/notify";
import classes from "../ui/panel-row.module.css";
import { formatTime } from "../ui/time";
import { useErrorText } from "../ui/use-error-text";
import { useNumbers } from "../ui/use-numbers";

type Step = RouterOutputs["tables"]["proposal"]["steps"][number];

/** Aligns the sizes before the buttons. */
const BUTTON_WIDTH = 140;

/** A proposed removal: what, what it returns, what it means, and its confirmation. */
export function FreeSpaceStep({ step }: { step: Step }) {
  const t = useTranslations("storage.free");
  const tTables = useTranslations("tables");
  const { bytes } = useNumbers();
  const timeZone = useTimeZone() ?? "UTC";
  const { openDelete } = useSeveralArchives();
  const confirmExports = useDeleteExports();
  const text = () => {
    if (step.kind === "exports") {
      const from = formatTime(step.oldest, timeZone).slice(0, 10);
      const to = formatTime(step.newest, timeZone).slice(0, 10);
      return { title: t("exports", { count: step.ids.length }), about: t("exportsAbout", { from, to }) };
    }
    const months = step.months.length > 3 ? `${step.months[0]} – ${step.months.at(-1)}` : step.months.join(", ");
    if (step.kind === "archives")
      return {
        title: t("archives", { count: step.ids.length, months }),
        about: t("archivesAbout", { rows: step.rows }),
      };
    return {
      title: t("cleanup", { table: tTables(step.table), months }),
      about: t("cleanupAbout", {
        rows: step.rows,
        dropped: bytes(step.dropped_bytes),
        archive: bytes(step.archive_bytes),
        cutoff: formatTime(step.cutoff, timeZone),
      }),
    };
  };
  const { title, about } = text();
  return (
    <div className={classes.row} style={{ paddingInline: 0 }} data-step={step.kind}>
      <div className={classes.facts}>
        <Text fw={600} size="sm">
          {title}
        </Text>
        <Text size="sm" c={step.kind === "archives" ? "var(--app-bad)" : "dimmed"}>
          {about}
        </Text>
      </div>
      <Text fw={600} size="sm" style={{ whiteSpace: "nowrap" }} title={t("returned")}>
        {bytes(step.returned_bytes)}
      </Text>
      {step.kind === "cleanup" ? (
        <Button
          component={Link}
          href={`/retention?clean=${step.table}&days=${step.days_to_keep}`}
          size="xs"
          miw={BUTTON_WIDTH}
          variant="default"
        >
          {t("review")}
        </Button>
      ) : (
        <Button
          size="xs"
          miw={BUTTON_WIDTH}
          variant="default"
          c="var(--app-bad)"
          onClick={() => (step.kind === "archives" ? openDelete(step.ids, step.rows) : confirmExports(step.ids))}
        >
          {t("delete")}
        </Button>
      )}
    </div>
  );
}

/** Returns a function that deletes exports after a confirmation. */
function useDeleteExports() {
  const t = useTranslations("storage.free");
  const tCommon = useTranslations("common");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const remove = useMutation(trpc.exports.remove.mutationOptions());
  const removeAll = async (ids: readonly string[]) => {
    try {
      for (const id of ids) await remove.mutateAsync({ id });
      notifyDone(t("exportsDeleted", { count: ids.length }));
    } catch (error) {
      notifyFailed(t("exportsFailed"), errorText(error));
    }
    void queryClient.invalidateQueries(trpc.tables.pathFilter());
  };
  return (ids: readonly string[]) =>
    modals.openConfirmModal({
      title: t("exportsTitle", { count: ids.length }),
      children: <Text size="sm">{t("exportsBody")}</Text>,
      labels: { confirm: t("delete"), cancel: tCommon("cancel") },
      confirmProps: { color: "red" },
      onConfirm: () => void removeAll(ids),
    });
}
