"use client";

import { Button, Group, SimpleGrid, TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import type { FormEvent } from "react";
import type { LogTable } from "@/server/catalog";
import { Panel } from "../ui/panel";
import { filterParams } from "./filter-params";
import { useColumnLabels } from "./use-column-labels";

interface Props {
  table: LogTable;
  filters: Readonly<Record<string, string>>;
  onChange: (filters: Record<string, string | null>) => void;
}

/** A field for all that the catalog lets a list be narrowed by. */
export function FilterForm({ table, filters, onChange }: Props) {
  const t = useTranslations("logs");
  const labels = useColumnLabels();
  const params = filterParams(table);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    onChange(Object.fromEntries(params.map(({ name }) => [name, String(form.get(name) ?? "").trim() || null])));
  };

  return (
    <Panel p="md" mb="md" aria-label={t("filters")}>
      <form onSubmit={submit}>
        <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm" verticalSpacing="xs">
          {params.map(({ name, column, bound }) => {
            const label = labels[column.name] ?? column.name;
            return (
              <TextInput
                key={name}
                name={name}
                size="xs"
                label={bound ? t(bound, { column: label }) : label}
                placeholder={t(`hint.${column.filter ?? "exact"}`)}
                defaultValue={filters[name] ?? ""}
                autoComplete="off"
                spellCheck={false}
              />
            );
          })}
        </SimpleGrid>
        <Group mt="md" gap="xs">
          <Button type="submit" size="xs">
            {t("apply")}
          </Button>
          <Button size="xs" variant="subtle" color="gray" onClick={() => onChange({})}>
            {t("clearFilters")}
          </Button>
        </Group>
      </form>
    </Panel>
  );
}
