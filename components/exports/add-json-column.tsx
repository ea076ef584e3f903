"use client";

import { Button, Group, TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { LogTableName } from "@/server/catalog";
import { isMember } from "../explore/fields";

interface Props {
  table: LogTableName;
  onAdd: (field: string) => void;
}

/** Adds a member that the newest rows do not have. */
export function AddJsonColumn({ table, onAdd }: Props) {
  const t = useTranslations("exports.json");
  const [field, setField] = useState("");
  const [isBad, setIsBad] = useState(false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isMember(table, field.trim())) return setIsBad(true);
        onAdd(field.trim());
        setField("");
      }}
    >
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <TextInput
          size="xs"
          style={{ flex: 1 }}
          aria-label={t("other")}
          placeholder={t("otherExample")}
          value={field}
          error={isBad && t("otherBad")}
          onChange={(event) => {
            setField(event.currentTarget.value);
            setIsBad(false);
          }}
        />
        <Button size="xs" variant="default" type="submit" disabled={field.trim() === ""}>
          {t("add")}
        </Button>
      </Group>
    </form>
  );
}
