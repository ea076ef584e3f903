"use client";

import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useTRPC } from "../trpc";
import { notifyDone, notifyFailed } from "../ui/notify";
import { useErrorText } from "../ui/use-error-text";
import type { Dashboard, DashboardContent } from "./dashboard";
import { NameForm } from "./name-form";

/** More is refused by the server. */
const MAX_FILE_BYTES = 1_000_000;

/** Creates, duplicates, imports, exports, gives away and deletes dashboards; each action notifies. */
export function useDashboardActions() {
  const t = useTranslations("dashboards");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const router = useRouter();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const outcome = {
    onError: (error: unknown) => notifyFailed(t("failed"), errorText(error)),
    onSettled: () => queryClient.invalidateQueries(trpc.dashboards.pathFilter()),
  };
  const creating = useMutation(trpc.dashboards.create.mutationOptions(outcome));
  const removing = useMutation(trpc.dashboards.remove.mutationOptions(outcome));
  const giving = useMutation(trpc.dashboards.changeOwner.mutationOptions(outcome));

  const open = ({ id }: { id: string }) => router.push(`/dashboards/${id}`);

  const askName = (title: string, initial: string, content: DashboardContent) => {
    const modalId = "dashboard-name";
    modals.open({
      modalId,
      title,
      children: (
        <NameForm
          initial={initial}
          onSubmit={(name) => {
            modals.close(modalId);
            // Checked by the server: a panel that it cannot read has no query.
            creating.mutate({ name, content: readable(content) }, { onSuccess: open });
          }}
        />
      ),
    });
  };

  return {
    create: () => askName(t("new"), "", { range: { last: "24h" }, filter: "", panels: [] }),
    duplicate: (name: string, content: DashboardContent) => askName(t("duplicate"), t("copyOf", { name }), content),
    saveAs: (name: string, content: DashboardContent) =>
      creating.mutate({ name, content: readable(content) }, { onSuccess: open }),

    exportFile: ({ name, content }: Pick<Dashboard, "name" | "content">) => {
      const text = JSON.stringify({ name, content: readable(content) }, null, 2);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
      link.download = `${name.replace(/[\\/:*?"<>|]/g, "_")}.json`;
      link.click();
      URL.revokeObjectURL(link.href);
    },

    importFile: async (file: File | null) => {
      if (!file) return;
      if (file.size > MAX_FILE_BYTES) return notifyFailed(t("importFailed"), t("fileTooLarge"));
      let read: unknown;
      try {
        read = JSON.parse(await file.text());
      } catch {
        return notifyFailed(t("importFailed"), t("notJson"));
      }
      const { name, content } = Object(read);
      creating.mutate(
        { name, content },
        { onSuccess: open, onError: (error) => notifyFailed(t("importFailed"), errorText(error)) },
      );
    },

    remove: (id: string, name: string) =>
      modals.openConfirmModal({
        title: t("removeTitle", { name }),
        children: <Text size="sm">{t("removeBody")}</Text>,
        labels: { confirm: t("remove"), cancel: common("cancel") },
        confirmProps: { color: "red" },
        onConfirm: () =>
          removing.mutate(
            { id },
            {
              onSuccess: () => {
                notifyDone(t("removed", { name }));
                router.push("/dashboards");
              },
            },
          ),
      }),

    giveTo: (id: string, owner_id: string) =>
      giving.mutate({ id, owner_id }, { onSuccess: () => notifyDone(t("given")) }),
  };
}

/** The content without panels that this version cannot read. */
export function readable(content: DashboardContent) {
  return {
    ...content,
    panels: content.panels.flatMap((panel) => (panel.query ? [{ ...panel, query: panel.query }] : [])),
  };
}
