"use client";

import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useTimeZone, useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { formatTime } from "@/components/ui/time";
import type { CleanupChoice, Preview } from "./cleanup-choice";

interface Props {
  choice: CleanupChoice;
  preview: Preview;
  onConfirm: () => void;
}

/** Lists what will be deleted; the name must be typed to confirm. */
export function ConfirmForm({ choice, preview, onConfirm }: Props) {
  const t = useTranslations("cleanup.confirm");
  const tCommon = useTranslations("common");
  const timeZone = useTimeZone() ?? "UTC";
  const [typed, setTyped] = useState("");
  const isFiles = choice.task_type === "exports";
  const matches = typed.trim() === choice.task_type;
  const values = { count: preview.matched_count, time: formatTime(preview.cutoff, timeZone) };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (matches) onConfirm();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Text size="sm">{isFiles ? t("bodyFiles", values) : t("body", values)}</Text>
        {!isFiles && (
          <Text size="sm" c={choice.archive ? "dimmed" : "var(--app-bad)"} fw={choice.archive ? undefined : 600}>
            {choice.archive ? t("archived") : t("notArchived")}
          </Text>
        )}
        <TextInput
          label={t("type", { name: choice.task_type })}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          data-autofocus
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={() => modals.closeAll()}>
            {tCommon("cancel")}
          </Button>
          <Button type="submit" color="red" disabled={!matches}>
            {t("submit")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
