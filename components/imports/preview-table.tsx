"use client";

import { Badge, Box, Code, Group, Text, Title } from "@mantine/core";
import { useTranslations } from "next-intl";
import { LogCell } from "@/components/logs/log-cell";
import { Panel } from "@/components/ui/panel";
import { Table } from "@/components/ui/table";
import { useCodedError } from "@/components/ui/use-coded-error";
import { useColumnLabels } from "@/components/ui/use-column-labels";
import type { LogTable } from "@/server/catalog";
import { Tooltip } from "../ui/tooltip";
import classes from "./preview-table.module.css";
import type { PreviewRecord } from "./use-preview";

/** The first lines as parsed, with the invalid ones marked. */
export function PreviewTable({ records, table }: { records: readonly PreviewRecord[]; table: LogTable }) {
  const t = useTranslations("import");
  const labels = useColumnLabels();
  const refused = records.filter((record) => record.problem !== null).length;
  const dropped = records.filter((record) => record.dropped_by !== null).length;
  const redacted = records.filter((record) => record.redacted_by.length > 0).length;
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
        <Group gap="xs">
          {dropped > 0 && (
            <Badge color="violet" variant="light" tt="none" size="lg">
              {t("droppedRows", { count: dropped })}
            </Badge>
          )}
          {redacted > 0 && (
            <Badge color="violet" variant="light" tt="none" size="lg">
              {t("redactedRows", { count: redacted })}
            </Badge>
          )}
          <Badge color={refused > 0 ? "orange" : "teal"} variant="light" tt="none" size="lg">
            {t("refused", { count: refused })}
          </Badge>
        </Group>
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
              <PreviewRow key={record.line} record={record} columns={columns} />
            ))}
          </Table.Tbody>
        </Table>
      </Box>
    </Panel>
  );
}

/** A line as a row; or why it will not be one. */
function PreviewRow({ record, columns }: { record: PreviewRecord; columns: LogTable["columns"] }) {
  const t = useTranslations("import");
  const problemText = useCodedError();
  const { line, text, row, problem, dropped_by, redacted_by } = record;
  const reason =
    problem !== null
      ? `${t("bad")} · ${problemText(problem)}`
      : dropped_by !== null
        ? t("droppedBy", { name: dropped_by })
        : null;
  return (
    <Table.Tr data-refused={problem !== null || undefined} data-dropped={dropped_by !== null || undefined}>
      <Table.Td ta="right" c="dimmed">
        {line}
        {redacted_by.length > 0 && (
          <Tooltip label={t("redactedBy", { names: redacted_by.join(t("separator")) })}>
            <Badge component="span" size="xs" ml={6} color="violet" variant="light" tt="none" tabIndex={0}>
              {t("redacted")}
            </Badge>
          </Tooltip>
        )}
      </Table.Td>
      {reason === null ? (
        columns.map((column) => (
          <Table.Td key={column.name}>
            <LogCell column={column} value={row?.[column.name]} />
          </Table.Td>
        ))
      ) : (
        <Table.Td colSpan={Math.max(1, columns.length)} className={problem ? classes.refused : classes.dropped}>
          <Text size="xs" c={problem ? "var(--app-bad)" : undefined} fw={600}>
            {reason}
          </Text>
          <Code className={classes.raw}>{text}</Code>
        </Table.Td>
      )}
    </Table.Tr>
  );
}

/** The names of the members that have no column. */
function namesIn(extra: unknown): string[] {
  return typeof extra === "object" && extra !== null ? Object.keys(extra) : [];
}
