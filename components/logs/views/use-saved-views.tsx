"use client";

import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import type { BrowsedTableName } from "@/server/catalog";
import { type RouterOutputs, useTRPC } from "../../trpc";
import { notifyDone, notifyFailed } from "../../ui/notify";
import { useErrorText } from "../../ui/use-error-text";

export type SavedView = RouterOutputs["logs"]["views"]["list"][number];

/** Long enough to read it and press Undo. */
const UNDO_MS = 10_000;

/** The user's saved views of a table and their actions; each change notifies, a deletion with an undo button. */
export function useSavedViews(table: BrowsedTableName) {
  const t = useTranslations("logViews");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const list = useQuery(trpc.logs.views.list.queryOptions({ table }, { staleTime: 60_000 }));

  const outcome = {
    onError: (error: unknown) => notifyFailed(t("failed"), errorText(error)),
    onSettled: () => queryClient.invalidateQueries(trpc.logs.views.list.queryFilter({ table })),
  };
  const saving = useMutation(trpc.logs.views.save.mutationOptions(outcome));
  const removing = useMutation(trpc.logs.views.remove.mutationOptions(outcome));

  const save = async (name: string, search: string) => {
    await saving.mutateAsync({ table, name, search });
    notifyDone(t("saved", { name }));
  };

  const rename = async (view: SavedView, name: string) => {
    if (name === view.name) return;
    // The new view is saved first, so that an interruption cannot lose it.
    await saving.mutateAsync({ table, name, search: view.search });
    await removing.mutateAsync({ id: view.id });
  };

  const remove = async (view: SavedView) => {
    await removing.mutateAsync({ id: view.id });
    const id = `removed-view-${view.id}`;
    const undo = () => {
      notifications.hide(id);
      saving.mutate({ table, name: view.name, search: view.search });
    };
    notifications.show({
      id,
      title: t("removed", { name: view.name }),
      message: (
        <Button size="compact-xs" variant="light" mt={4} onClick={undo}>
          {t("undo")}
        </Button>
      ),
      autoClose: UNDO_MS,
    });
  };

  return { list, save, rename, remove, isBusy: saving.isPending || removing.isPending };
}
