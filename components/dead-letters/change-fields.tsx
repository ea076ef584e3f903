"use client";

import { ActionIcon, Autocomplete, Group, NativeSelect, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { Tooltip } from "../ui/tooltip";
import type { DraftChange } from "./draft-change";

interface Props {
  draft: DraftChange;
  /** The paths of the fields of the payloads. */
  fields: readonly string[];
  onChange: (part: Partial<DraftChange>) => void;
  onRemove: () => void;
}

/** One change of the payloads. */
export function ChangeFields({ draft, fields, onChange, onRemove }: Props) {
  const t = useTranslations("deadLetters.edit");
  const isDate = draft.change === "date";
  return (
    <Group gap="xs" align="flex-end" wrap="wrap" data-testid="letter-change">
      <NativeSelect
        label={t("change")}
        w={{ base: "100%", xs: 170 }}
        data={[
          { value: "replace", label: t("changes.replace") },
          { value: "date", label: t("changes.date") },
        ]}
        value={draft.change}
        onChange={({ currentTarget: { value } }) => onChange({ change: value === "date" ? "date" : "replace" })}
      />
      <Autocomplete
        label={t("field")}
        placeholder={isDate ? undefined : t("wholePayload")}
        flex="1 1 160px"
        data={[...fields]}
        value={draft.field}
        onChange={(field) => onChange({ field })}
      />
      {isDate ? (
        <TextInput
          label={t("format")}
          placeholder="dd.MM.yyyy HH:mm:ss"
          flex="1 1 200px"
          maxLength={100}
          value={draft.format}
          onChange={(event) => onChange({ format: event.currentTarget.value })}
        />
      ) : (
        <>
          <TextInput
            label={t("find")}
            flex="1 1 120px"
            maxLength={1_000}
            value={draft.find}
            onChange={(event) => onChange({ find: event.currentTarget.value })}
          />
          <TextInput
            label={t("replace")}
            flex="1 1 120px"
            maxLength={1_000}
            value={draft.replace}
            onChange={(event) => onChange({ replace: event.currentTarget.value })}
          />
        </>
      )}
      <Tooltip label={t("removeChange")}>
        <ActionIcon variant="subtle" color="gray" size="input-sm" aria-label={t("removeChange")} onClick={onRemove}>
          <IconTrash size={16} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
