"use client";

import { Combobox, Text, TextInput, useCombobox } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import type { ExploreQuestion } from "../state";
import { useFieldOptions } from "./use-field-options";

interface Props {
  question: ExploreQuestion;
  kind: "group" | "distinct" | "number";
  label: string;
  /** Fields that are chosen already. */
  without?: readonly string[];
  onChoose: (field: string) => void;
}

/** A searchable list of fields, with JSON members. */
export function FieldList({ question, kind, label, without = [], onChoose }: Props) {
  const t = useTranslations("explore.edit");
  const [typed, setTyped] = useState("");
  const { search } = useFieldOptions(question, kind, true);
  const combobox = useCombobox({ opened: true });
  const options = search(typed).filter(({ field }) => !without.includes(field));
  const example = question.table === "access_logs" ? "extra.tenant" : "details.amount";

  // biome-ignore lint/correctness/useExhaustiveDependencies: Enter chooses the first option for the typed text.
  useEffect(() => {
    if (typed !== "") combobox.selectFirstOption();
  }, [typed]);

  return (
    <Combobox
      store={combobox}
      withinPortal={false}
      onOptionSubmit={(field) => {
        setTyped("");
        onChoose(field);
      }}
    >
      <Combobox.EventsTarget withExpandedAttribute>
        <TextInput
          label={label}
          placeholder={t("search")}
          value={typed}
          size="sm"
          data-autofocus
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </Combobox.EventsTarget>
      <Combobox.Options mt={6} mah={260} style={{ overflowY: "auto" }} aria-label={label}>
        {options.map(({ field, label: name, hint }) => (
          <Combobox.Option key={field} value={field}>
            <Text span size="sm">
              {name}
            </Text>
            {hint && (
              <Text span size="xs" c="dimmed" ml={8}>
                {hint}
              </Text>
            )}
          </Combobox.Option>
        ))}
        {options.length === 0 && <Combobox.Empty>{t("noField", { example })}</Combobox.Empty>}
      </Combobox.Options>
    </Combobox>
  );
}
