"use client";

import { Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { MappingExpression } from "@/components/mappings/mapping-expression";
import { MappingSelect, namedValue, nameIn } from "@/components/mappings/mapping-select";
import { useTRPC } from "@/components/trpc";
import { Panel } from "@/components/ui/panel";
import type { LogTable } from "@/server/catalog";
import { expressionOf, type MappingChoice } from "./mapping-choice";
import { MappingColumns } from "./mapping-columns";
import { MappingSave } from "./mapping-save";
import type { ImportPreview } from "./use-preview";

interface Props {
  choice: MappingChoice;
  onChange: (choice: MappingChoice) => void;
  preview: ImportPreview;
  table: LogTable & { readonly name: ImportPreview["table"] };
  disabled: boolean;
  /** The error of the mapping. */
  problem: string | null;
}

/** How the file's lines become rows: detected, a preset, a saved mapping, a pasted format or chosen fields. */
export function MappingPanel({ choice, onChange, preview, table, disabled, problem }: Props) {
  const t = useTranslations("import.mapping");
  const trpc = useTRPC();
  const list = useQuery(trpc.mappings.list.queryOptions());
  const expression = expressionOf(choice);
  const titleOf = (name: string) => list.data?.presets.find((preset) => preset.name === name)?.title ?? name;
  const { detection } = preview;
  const detected =
    detection && preview.mapping ? t("autoFound", { name: titleOf(preview.mapping), ...detection }) : null;
  return (
    <Panel p="md" mb="lg" aria-label={t("label")}>
      <Stack gap="md">
        <Group align="flex-end" gap="lg">
          <MappingSelect
            table={table.name}
            label={t("label")}
            disabled={disabled}
            none={{ value: "auto", label: t("auto") }}
            own={[
              ...(table.acceptsLogLines ? [{ value: "format", label: t("format") }] : []),
              { value: "columns", label: t("columns") },
            ]}
            value={choice.kind === "name" ? namedValue(choice.name) : choice.kind}
            onChange={(value) => {
              const name = nameIn(value);
              if (name !== null) onChange({ kind: "name", name });
              else if (value === "format") onChange({ kind: "format", text: "" });
              else if (value === "columns") onChange({ kind: "columns", columns: {} });
              else onChange({ kind: "auto" });
            }}
          />
          {choice.kind === "auto" && (
            <Text size="sm" c="dimmed" pb={8} role="status">
              {detected ?? t("autoNone")}
            </Text>
          )}
        </Group>
        {choice.kind === "name" && problem !== null && (
          <Text size="sm" c="var(--app-bad)" role="alert">
            {problem}
          </Text>
        )}
        {choice.kind === "format" && (
          <MappingExpression
            label={t("formatLabel")}
            description={t("formatHint")}
            placeholder={t("formatPlaceholder")}
            text={choice.text}
            onChange={(text) => onChange({ kind: "format", text })}
            position={preview.position}
            problem={problem}
            disabled={disabled}
          />
        )}
        {choice.kind === "columns" && (
          <MappingColumns
            columns={choice.columns}
            onChange={(columns) => onChange({ kind: "columns", columns })}
            fields={preview.fields}
            table={table}
            problem={problem}
            disabled={disabled}
          />
        )}
        {(choice.kind === "format" || choice.kind === "columns") && expression !== undefined && problem === null && (
          <MappingSave table={table.name} expression={expression} disabled={disabled} />
        )}
      </Stack>
    </Panel>
  );
}
