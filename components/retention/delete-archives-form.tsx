"use client";

import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { useTRPC } from "@/components/trpc";
import { useErrorText } from "@/components/ui/use-error-text";

/** What the user types, in every language. */
const WORD = "delete";

interface Props {
  ids: readonly string[];
  /** Null if unknown. */
  rows: number | null;
  onDone: () => void;
}

/** Confirms the deletion of archives by a typed word: it cannot be undone. */
export function DeleteArchivesForm({ ids, rows, onDone }: Props) {
  const t = useTranslations("cleanup.archives");
  const tCleanup = useTranslations("cleanup");
  const tCommon = useTranslations("common");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const [typed, setTyped] = useState("");
  const remove = useMutation(
    trpc.retention.removeArchives.mutationOptions({
      onSuccess: onDone,
      onSettled: () => {
        void queryClient.invalidateQueries(trpc.retention.pathFilter());
        void queryClient.invalidateQueries(trpc.tables.pathFilter());
      },
    }),
  );
  const matches = typed.trim() === WORD;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (matches) remove.mutate({ ids: [...ids] });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Text size="sm">{t("deleteBody", { count: ids.length, rows: rows ?? -1 })}</Text>
        <Text size="sm" c="var(--app-bad)" fw={600}>
          {t("deleteWarning")}
        </Text>
        <TextInput
          label={tCleanup("confirm.type", { name: WORD })}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          data-autofocus
        />
        {remove.error && (
          <Text size="sm" c="var(--app-bad)" role="alert">
            {errorText(remove.error)}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={() => modals.closeAll()}>
            {tCommon("cancel")}
          </Button>
          <Button type="submit" color="red" disabled={!matches} loading={remove.isPending}>
            {t("deleteSubmit")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
