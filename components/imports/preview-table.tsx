"use client";

import { Badge, Box, Code, Group, Table, Text, Title } from "@mantine/core";
import { useTranslations } from "next-intl";
import { LogCell } from "@/components/logs/log-cell";
import { Panel } from "@/components/ui/panel";
import { useCodedError } from "@/components/ui/use-coded-error";
import { useColumnLabels } from "@/components/ui/use-column-labels";
import type { LogTable } from "@/server/catalog";
import classes from "./preview-table.module.css";
import type { PreviewRecord } from "./use-preview";

/** The first lines as parsed, with the invalid ones marked. */
export function PreviewTable({ records, table }: { records: readonly PreviewRecord[]; table: LogTable }) {
  const t = useTranslations("import");
  const problemText = useCodedError();
  const labels = useColumnLabels();
  const refused = records.filter((record) => record.problem !== null).length;
  const extra = [...new Set(records.flatMap(({ row }) => namesIn(row?.extra)))];
  const columns = table.columns.filter(({ name }) => records.some(({ row }) => (row?.[name] ?? null) !== null));

  return (
    <Panel aria-labelledby="preview">
      <Group justify="space-between" px="md" pt="md" pb="xs" gap="xs">
        <div>
          <Title order={2} id="preview">
            {t("preview")}
          </Title>
          <Text size="sm" c="dimmed">
            {t("previewHint", { count: records.length })}
          </Text>
          {extra.length > 0 && (
            <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
              {t("mapping.extra", { names: extra.join(", ") })}
            </Text>
          )}
        </div>
        <Badge color={refused > 0 ? "orange" : "teal"} variant="light" tt="none" size="lg">
          {t("refused", { count: refused })}
        </Badge>
      </Group>
      <Box className={classes.scroll} tabIndex={0} role="group" aria-labelledby="preview">
        <Table fz="xs" verticalSpacing={6} className={classes.table}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th ta="right">{t("line")}</Table.Th>
              {columns.map(({ name }) => (
                <Table.Th key={name}>{labels[name] ?? name}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {records.map((record) => (
              <Table.Tr key={record.line} data-refused={record.problem !== null || undefined}>
                <Table.Td ta="right" c="dimmed">
                  {record.line}
                </Table.Td>
                {record.problem === null ? (
                  columns.map((column) => (
                    <Table.Td key={column.name}>
                      <LogCell column={column} value={record.row?.[column.name]} />
                    </Table.Td>
                  ))
                ) : (
                  <Table.Td colSpan={Math.max(1, columns.length)} className={classes.refused}>
                    <Text size="xs" c="red" fw={600}>
                      {t("bad")} · {problemText(record.problem)}
                    </Text>
                    <Code className={classes.raw}>{record.text}</Code>
                  </Table.Td>
                )}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Box>
    </Panel>
  );
}

/** The names of the members that have no column. */
function namesIn(extra: unknown): string[] {
  return typeof extra === "object" && extra !== null ? Object.keys(extra) : [];
}
