"use client";

import { Button, Group, TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";

/** Equal to the server's limit. */
const MAX_NAME_LENGTH = 100;

interface Props {
  label: string;
  submitLabel: string;
  initial?: string;
  /** Existing names: saving under one replaces it, which the button states. */
  taken: readonly string[];
  isBusy: boolean;
  onSubmit: (name: string) => void;
}

/** The form for the name of a view. */
export function ViewNameForm({ label, submitLabel, initial = "", taken, isBusy, onSubmit }: Props) {
  const t = useTranslations("logViews");
  const [name, setName] = useState(initial);
  const trimmed = name.trim();
  const replaces = trimmed !== initial && taken.includes(trimmed);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (trimmed !== "") onSubmit(trimmed);
  };

  return (
    <form onSubmit={submit}>
      <Group gap="xs" wrap="nowrap" align="flex-end">
        <TextInput
          size="sm"
          flex={1}
          label={label}
          value={name}
          maxLength={MAX_NAME_LENGTH}
          autoComplete="off"
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button
          type="submit"
          size="sm"
          color={replaces ? "orange" : undefined}
          loading={isBusy}
          disabled={trimmed === ""}
        >
          {replaces ? t("overwrite") : submitLabel}
        </Button>
      </Group>
    </form>
  );
}
