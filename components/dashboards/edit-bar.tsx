"use client";

import { Alert, Button, Group, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useEffect } from "react";
import { useTRPC } from "../trpc";
import { notifyDone } from "../ui/notify";
import { useErrorText } from "../ui/use-error-text";
import type { Dashboard, DashboardContent } from "./dashboard";
import { inOrder } from "./layout";
import { readable, useDashboardActions } from "./use-dashboard-actions";

interface Props {
  stored: Dashboard;
  /** The version that was edited. */
  version: number;
  content: DashboardContent;
  isChanged: boolean;
  onDone: () => void;
}

/** Saves or discards the changes; after a conflict, they can be saved as a copy. */
export function EditBar({ stored, version, content, isChanged, onDone }: Props) {
  const t = useTranslations("dashboards");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const { saveAs } = useDashboardActions();
  const { id, name, visibility } = stored;
  const ordered = readable({ ...content, panels: inOrder(content.panels) });
  const saving = useMutation(
    trpc.dashboards.save.mutationOptions({
      onSuccess: (next) => {
        queryClient.setQueryData(trpc.dashboards.get.queryKey({ id }), next);
        notifyDone(t("saved", { name }));
        onDone();
      },
      onSettled: () => queryClient.invalidateQueries(trpc.dashboards.pathFilter()),
    }),
  );
  useLeaveWarning(isChanged, t("leave"));

  return (
    <Alert
      variant="light"
      color={saving.error ? "red" : "blue"}
      mb="md"
      role={saving.error ? "alert" : "status"}
      p="sm"
    >
      <Group justify="space-between" gap="sm">
        <Text size="sm" flex="1 1 320px">
          {saving.error ? errorText(saving.error) : t("editHint")}
        </Text>
        <Group gap="xs">
          {saving.error && (
            <Button size="xs" variant="default" onClick={() => saveAs(t("copyOf", { name }), content)}>
              {t("saveAsCopy")}
            </Button>
          )}
          <Button size="xs" variant="default" onClick={onDone}>
            {isChanged ? t("discard") : common("cancel")}
          </Button>
          <Button
            size="xs"
            loading={saving.isPending}
            disabled={!isChanged}
            onClick={() => saving.mutate({ id, name, visibility, version, content: ordered })}
          >
            {t("save")}
          </Button>
        </Group>
      </Group>
    </Alert>
  );
}

/** Asks before the page is left with unsaved changes, by a link or by the browser. */
function useLeaveWarning(isChanged: boolean, question: string): void {
  useEffect(() => {
    if (!isChanged) return;
    const beforeUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    const onClick = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
      const opensHere = link && !link.hasAttribute("download") && link.getAttribute("target") !== "_blank";
      if (!opensHere || event.metaKey || event.ctrlKey || event.shiftKey || window.confirm(question)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    window.addEventListener("beforeunload", beforeUnload);
    document.addEventListener("click", onClick, true);
    return () => {
      window.removeEventListener("beforeunload", beforeUnload);
      document.removeEventListener("click", onClick, true);
    };
  }, [isChanged, question]);
}
