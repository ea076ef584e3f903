"use client";

import { Checkbox, MultiSelect, Stack, Textarea } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useColumnLabels } from "@/components/ui/use-column-labels";
import { logTables } from "@/server/catalog";
import type { Draft } from "./draft";
import { KINDS, type RuleSet } from "./rules";

interface Props {
  table: RuleSet["table"];
  draft: Draft;
  sent: boolean;
  onChange: (part: Partial<Draft>) => void;
}

/** What is redacted, and in which columns. */
export function RedactFields({ table, draft, sent, onChange }: Props) {
  const t = useTranslations("intakeRules");
  const labels = useColumnLabels();
  const columns = logTables[table].columns.flatMap(({ name, type }) =>
    type === "text" || type === "jsonb" ? [{ value: name, label: labels[name] ?? name }] : [],
  );
  const isNothing = draft.kinds.length === 0 && draft.patterns.trim() === "";
  return (
    <>
      <Checkbox.Group
        label={t("what")}
        value={draft.kinds}
        error={sent && isNothing && t("nothingToRedact")}
        onChange={(values) => onChange({ kinds: KINDS.filter((kind) => values.includes(kind)) })}
      >
        <Stack gap={8} mt={8} mb={4}>
          {KINDS.map((kind) => (
            <Checkbox key={kind} value={kind} label={t(`kinds.${kind}`)} description={t(`kindHints.${kind}`)} />
          ))}
        </Stack>
      </Checkbox.Group>
      <Textarea
        label={t("patterns")}
        description={t("patternsHint")}
        autosize
        minRows={1}
        maxRows={5}
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        value={draft.patterns}
        onChange={(event) => onChange({ patterns: event.currentTarget.value })}
      />
      <MultiSelect
        label={t("columns")}
        data={columns}
        value={draft.columns}
        error={sent && draft.columns.length === 0 && t("required")}
        onChange={(values) => onChange({ columns: values })}
        comboboxProps={{ withinPortal: true }}
      />
    </>
  );
}
