"use client";

import { Button, Group, TextInput, type TextInputProps } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useState } from "react";

interface InputProps extends Omit<TextInputProps, "onChange"> {
  onChange: (name: string) => void;
}

/** The input for the name of a dashboard or the title of a panel. */
export function NameInput({ onChange, ...input }: InputProps) {
  return (
    <TextInput
      maxLength={100}
      autoComplete="off"
      {...input}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

interface Props {
  initial: string;
  onSubmit: (name: string) => void;
}

/** The form for the name of a dashboard. */
export function NameForm({ initial, onSubmit }: Props) {
  const t = useTranslations("dashboards");
  const [name, setName] = useState(initial);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== "") onSubmit(name.trim());
      }}
    >
      <NameInput data-autofocus label={t("name")} value={name} onChange={setName} />
      <Group justify="flex-end" mt="md">
        <Button type="submit" disabled={name.trim() === ""}>
          {t("save")}
        </Button>
      </Group>
    </form>
  );
}
