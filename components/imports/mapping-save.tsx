"use client";

import { Button, Group, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/components/trpc";
import { notifyDone, notifyFailed } from "@/components/ui/notify";
import { useErrorText } from "@/components/ui/use-error-text";
import type { LogTableName } from "@/server/catalog";

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Saves the mapping under a name. */
export function MappingSave({
  table,
  expression,
  disabled,
}: {
  table: LogTableName;
  expression: string;
  disabled: boolean;
}) {
  const t = useTranslations("import.mapping");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const [name, setName] = useState("");
  const save = useMutation(
    trpc.mappings.save.mutationOptions({
      onSuccess: (saved) => notifyDone(t("saved", { name: saved.name, version: saved.version })),
      onError: (error) => notifyFailed(t("saveFailed"), errorText(error)),
      onSettled: () => queryClient.invalidateQueries(trpc.mappings.pathFilter()),
    }),
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (NAME.test(name)) save.mutate({ name, table, expression });
      }}
    >
      <Group align="flex-end" gap="sm">
        <TextInput
          label={t("name")}
          description={t("nameHint")}
          inputWrapperOrder={["label", "input", "description"]}
          value={name}
          maxLength={64}
          disabled={disabled}
          onChange={(event) => setName(event.currentTarget.value)}
          w={{ base: "100%", xs: 320 }}
        />
        <Button
          type="submit"
          variant="default"
          mb={{ base: 0, xs: 36 }}
          disabled={disabled || !NAME.test(name)}
          loading={save.isPending}
        >
          {t("save")}
        </Button>
      </Group>
    </form>
  );
}
