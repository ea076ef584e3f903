"use client";

import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/components/trpc";
import { notifyDone, notifyFailed } from "@/components/ui/notify";
import { useErrorText } from "@/components/ui/use-error-text";
import { ScheduleForm } from "./schedule-form";
import type { Task } from "./task";

/** Runs, enables, disables and edits a task; each action notifies and refreshes the page. */
export function useTaskActions({ name, schedule, default_schedule }: Task) {
  const t = useTranslations();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const task = t(`tasks.names.${name}`);
  const onSettled = () => queryClient.invalidateQueries(trpc.schedules.pathFilter());
  const run = useMutation(
    trpc.schedules.run.mutationOptions({
      onSuccess: () => notifyDone(t("tasks.started", { task })),
      onError: (error) => notifyFailed(t("tasks.runFailed"), errorText(error)),
      onSettled,
    }),
  );
  const change = useMutation(
    trpc.schedules.change.mutationOptions({
      onError: (error) => notifyFailed(t("tasks.changeFailed"), errorText(error)),
      onSettled,
    }),
  );

  const runNow = () => {
    if (name !== "data_cleanup") return run.mutate({ name });
    modals.openConfirmModal({
      title: t("tasks.runNowTitle"),
      children: <Text size="sm">{t("tasks.runNowBody")}</Text>,
      labels: { confirm: t("tasks.runNow"), cancel: t("common.cancel") },
      onConfirm: () => run.mutate({ name }),
    });
  };

  const setEnabled = (enabled: boolean) =>
    change.mutate(
      { name, enabled },
      { onSuccess: () => notifyDone(t(enabled ? "tasks.enabledToast" : "tasks.disabledToast", { task })) },
    );

  const edit = () => {
    const modalId = `schedule-${name}`;
    modals.open({
      modalId,
      title: t("tasks.editTitle", { task }),
      children: (
        <ScheduleForm
          schedule={schedule}
          defaultSchedule={default_schedule}
          onSave={(changed) =>
            change.mutate(
              { name, schedule: changed },
              {
                onSuccess: () => {
                  modals.close(modalId);
                  notifyDone(t("tasks.scheduleToast", { task }));
                },
              },
            )
          }
        />
      ),
    });
  };

  return {
    runNow,
    /** The job that the user started last. */
    startedJobId: run.data?.job_id,
    isStarting: run.isPending,
    setEnabled,
    edit,
    isPending: run.isPending || change.isPending,
  };
}
