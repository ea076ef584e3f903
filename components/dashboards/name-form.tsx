"use client";

import { Button, Group, TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useState } from "react";

interface Props {
  label?: string;
  initial: string;
  maxLength?: number;
  onSubmit: (name: string) => void;
}

/** The form for the name of a dashboard or the title of a panel. */
export function NameForm({ label, initial, maxLength = 100, onSubmit }: Props) {
  const t = useTranslations("dashboards");
  const [name, setName] = useState(initial);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== "") onSubmit(name.trim());
      }}
    >
      <TextInput
        data-autofocus
        label={label ?? t("name")}
        value={name}
        maxLength={maxLength}
        autoComplete="off"
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Group justify="flex-end" mt="md">
        <Button type="submit" disabled={name.trim() === ""}>
          {t("save")}
        </Button>
      </Group>
    </form>
  );
}
