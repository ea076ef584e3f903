"use client";

import { Anchor, Group, Skeleton, Table, Text, Title, Tooltip } from "@mantine/core";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useId } from "react";
import { Panel } from "../ui/panel";
import classes from "./top-values.module.css";
import { useNumbers } from "./use-numbers";

export interface TopValue {
  /** Null for the rows without a value. */
  readonly value: string | null;
  readonly rows: number;
  /** Milliseconds. */
  readonly time: number | null;
}

interface Props {
  title: string;
  /** The kind of the values: paths, users. */
  valueLabel: string;
  hint?: string;
  /** Null before the first result. */
  rows: readonly TopValue[] | null;
  /** Rows of all values that are not listed. */
  others?: number;
  by: "rows" | "time";
  /** The label of the counts, if they are not requests. */
  countLabel?: string;
  /** The label of the times, if they are not means. */
  timeLabel?: string;
  /** Shown when the list is empty. */
  empty?: string;
  /** Returns the URL of the list of rows with a value. */
  linkTo?: (value: string | null) => string;
  /** The URL of Explore with the same question. */
  exploreHref?: string;
}

/** A table of the top values by count or time, with bars; its rows add up to the total. */
export function TopValues({
  title,
  valueLabel,
  hint,
  rows,
  others = 0,
  by,
  countLabel,
  timeLabel,
  empty,
  linkTo,
  exploreHref,
}: Props) {
  const t = useTranslations("overview");
  const explore = useTranslations("explore");
  const id = useId();
  const numbers = useNumbers();
  const size = (row: TopValue) => (by === "rows" ? row.rows : (row.time ?? 0));
  const max = Math.max(1, ...(rows ?? []).map(size));
  const hasTime = rows?.some(({ time }) => time !== null) ?? false;
  return (
    <Panel p={{ base: "md", sm: "lg" }} aria-labelledby={id} style={{ minWidth: 0 }}>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Title order={3} id={id}>
          {title}
        </Title>
        {exploreHref && (
          <Anchor component={Link} prefetch={false} href={exploreHref} size="xs" style={{ flex: "none" }}>
            {explore("openExplore")}
          </Anchor>
        )}
      </Group>
      <Text size="xs" c="dimmed" mb="xs" mih={18}>
        {hint}
      </Text>
      {rows === null && <Skeleton h={180} />}
      {rows?.length === 0 && (
        <Text size="sm" c="dimmed" ta="center" py={60}>
          {empty ?? t("noRows")}
        </Text>
      )}
      {rows !== null && rows.length > 0 && (
        <Table verticalSpacing={4} horizontalSpacing={6} fz="xs" withRowBorders={false} className={classes.table}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{valueLabel}</Table.Th>
              <Table.Th ta="right" w={72}>
                {countLabel ?? t("count")}
              </Table.Th>
              {hasTime && (
                <Table.Th ta="right" w={84}>
                  {timeLabel ?? t("mean")}
                </Table.Th>
              )}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => {
              const text = row.value === null ? t("none") : row.value === "" ? t("emptyText") : row.value;
              return (
                <Table.Tr key={row.value === null ? "none" : `=${row.value}`}>
                  <Table.Td className={classes.value}>
                    <span className={classes.bar} style={{ width: `${(size(row) / max) * 100}%` }} aria-hidden />
                    <Tooltip label={text} openDelay={400} multiline maw={420}>
                      {linkTo ? (
                        <Anchor
                          component={Link}
                          prefetch={false}
                          href={linkTo(row.value)}
                          inherit
                          c={row.value ? "var(--mantine-color-text)" : "dimmed"}
                          className={classes.text}
                        >
                          {text}
                        </Anchor>
                      ) : (
                        <Text span inherit c={row.value ? undefined : "dimmed"} className={classes.text}>
                          {text}
                        </Text>
                      )}
                    </Tooltip>
                  </Table.Td>
                  <Table.Td ta="right">{numbers.count(row.rows)}</Table.Td>
                  {hasTime && (
                    <Table.Td ta="right">{row.time === null ? "–" : numbers.milliseconds(row.time)}</Table.Td>
                  )}
                </Table.Tr>
              );
            })}
            {others > 0 && (
              <Table.Tr>
                <Table.Td>
                  <Text span inherit c="dimmed">
                    {t("others")}
                  </Text>
                </Table.Td>
                <Table.Td ta="right">{numbers.count(others)}</Table.Td>
                {hasTime && <Table.Td ta="right">–</Table.Td>}
              </Table.Tr>
            )}
          </Table.Tbody>
        </Table>
      )}
    </Panel>
  );
}
