"use client";

import { Box, Select, Text } from "@mantine/core";
import { useTranslations } from "next-intl";
import { Table } from "@/components/ui/table";
import { useColumnLabels } from "@/components/ui/use-column-labels";
import type { LogTable } from "@/server/catalog";
import type { ColumnField } from "./mapping-choice";

const UNITS = ["s", "ms", "us", "ns"] as const;

interface Props {
  columns: Readonly<Record<string, ColumnField>>;
  onChange: (columns: Readonly<Record<string, ColumnField>>) => void;
  fields: readonly string[];
  table: LogTable;
  problem: string | null;
  disabled: boolean;
}

/** The field of each column, with the unit of times and durations. */
export function MappingColumns({ columns, onChange, fields, table, problem, disabled }: Props) {
  const t = useTranslations("import.mapping");
  const labels = useColumnLabels();
  if (fields.length === 0) return <Text size="sm">{t("noFields")}</Text>;
  const mapped = table.columns.filter(
    ({ name }) => name !== "extra" && !["device_type", "browser", "os"].includes(name),
  );
  return (
    <div>
      <Text size="sm" c="dimmed" mb="xs">
        {t("columnsHint")}
      </Text>
      <Box mah={420} style={{ overflow: "auto" }} tabIndex={0} role="group" aria-label={t("columns")}>
        <Table miw={480} fz="sm" verticalSpacing={4} stickyHeader aria-label={t("columns")}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("column")}</Table.Th>
              <Table.Th>{t("field")}</Table.Th>
              <Table.Th w={170}>{t("unit")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {mapped.map(({ name, required, type, isDuration }) => {
              const { field, unit } = columns[name] ?? { field: null, unit: null };
              const set = (next: ColumnField) => onChange({ ...columns, [name]: next });
              const label = labels[name] ?? name;
              return (
                <Table.Tr key={name}>
                  <Table.Td>
                    {label}
                    {required && (
                      <Text span size="xs" c="dimmed">
                        {" "}
                        {t("required")}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td>
                    <Select
                      size="xs"
                      aria-label={`${label}: ${t("field")}`}
                      placeholder={t("usual")}
                      searchable
                      clearable
                      disabled={disabled}
                      value={field}
                      onChange={(value) => set({ field: value, unit: value === null ? null : unit })}
                      data={[...fields]}
                    />
                  </Table.Td>
                  <Table.Td>
                    {(type === "timestamptz" || isDuration) && field !== null && (
                      <Select
                        size="xs"
                        aria-label={`${label}: ${t("unit")}`}
                        placeholder={isDuration ? t("units.ms") : t("unitAuto")}
                        clearable
                        disabled={disabled}
                        value={unit}
                        onChange={(value) => set({ field, unit: value })}
                        data={UNITS.map((value) => ({ value, label: t(`units.${value}`) }))}
                      />
                    )}
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Box>
      {problem !== null && (
        <Text size="sm" c="var(--app-bad)" mt="xs" role="alert">
          {problem}
        </Text>
      )}
    </div>
  );
}
