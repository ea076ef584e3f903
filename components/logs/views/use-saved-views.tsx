"use client";

import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import type { BrowsedTableName } from "@/server/catalog";
import { type RouterOutputs, useTRPC } from "../../trpc";
import { hideNotice, showNotice } from "../../ui/notices-store";
import { notifyDone, notifyFailed } from "../../ui/notify";
import { useErrorText } from "../../ui/use-error-text";

export type SavedView = RouterOutputs["logs"]["views"]["list"][number];

/** Long enough to read it and press Undo. */
const UNDO_MS = 10_000;

/** The saved views of a table, own and shared, and their actions; each change notifies, a deletion with an undo button. */
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
  const changing = useMutation(trpc.logs.views.change.mutationOptions(outcome));
  const removing = useMutation(trpc.logs.views.remove.mutationOptions(outcome));

  const save = async (name: string, search: string) => {
    await saving.mutateAsync({ table, name, search });
    notifyDone(t("saved", { name }));
  };

  const rename = async (view: SavedView, name: string) => {
    if (name !== view.name) await changing.mutateAsync({ id: view.id, name });
  };

  const overwrite = async (view: SavedView, search: string) => {
    await changing.mutateAsync({ id: view.id, search });
    notifyDone(t("saved", { name: view.name }));
  };

  const share = async (view: SavedView, is_shared: boolean) => {
    await changing.mutateAsync({ id: view.id, is_shared });
    notifyDone(t(is_shared ? "sharedDone" : "unsharedDone", { name: view.name }));
  };

  const remove = async (view: SavedView) => {
    await removing.mutateAsync({ id: view.id });
    if (!view.is_own) {
      notifyDone(t("removed", { name: view.name }));
      return;
    }
    const id = `removed-view-${view.id}`;
    const undo = () => {
      hideNotice(id);
      saving.mutate({ table, name: view.name, search: view.search, is_shared: view.is_shared });
    };
    showNotice({
      id,
      title: t("removed", { name: view.name }),
      message: (
        <Button size="compact-xs" variant="light" mt={4} onClick={undo}>
          {t("undo")}
        </Button>
      ),
      durationMs: UNDO_MS,
    });
  };

  const isBusy = saving.isPending || changing.isPending || removing.isPending;
  return { list, save, rename, overwrite, share, remove, isBusy };
}
