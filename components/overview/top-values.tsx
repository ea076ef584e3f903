"use client";

import { ActionIcon, Group, Skeleton, Text, Title } from "@mantine/core";
import { IconChartHistogram } from "@tabler/icons-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useId } from "react";
import { Panel } from "../ui/panel";
import { Tooltip } from "../ui/tooltip";
import { useNumbers } from "../ui/use-numbers";
import classes from "./top-values.module.css";

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

/** Of ten rows and the header, so that the page does not move when they load. */
const ROWS_HEIGHT = 270;

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
    <Panel px="md" py="sm" aria-labelledby={id} style={{ minWidth: 0 }}>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start" mih={28} mb={4}>
        <Group gap="0 8px" align="baseline">
          <Title order={3} id={id}>
            {title}
          </Title>
          <Text size="xs" c="dimmed">
            {hint}
          </Text>
        </Group>
        {exploreHref && (
          <Tooltip label={explore("openExplore")}>
            <ActionIcon
              component={Link}
              prefetch={false}
              href={exploreHref}
              variant="subtle"
              color="gray"
              aria-label={`${explore("openExplore")}: ${title}`}
            >
              <IconChartHistogram size={17} stroke={1.6} />
            </ActionIcon>
          </Tooltip>
        )}
      </Group>
      {rows === null && <Skeleton h={ROWS_HEIGHT} />}
      {rows?.length === 0 && (
        <Text size="sm" c="dimmed" ta="center" py={60}>
          {empty ?? t("noRows")}
        </Text>
      )}
      {rows !== null && rows.length > 0 && (
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{valueLabel}</th>
              <th scope="col" className={classes.count}>
                {countLabel ?? t("count")}
              </th>
              {hasTime && (
                <th scope="col" className={classes.time}>
                  {timeLabel ?? t("mean")}
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              const text = row.value === null ? t("none") : row.value === "" ? t("emptyText") : row.value;
              return (
                <tr key={row.value === null ? "none" : `=${row.value}`}>
                  <td className={classes.value} title={text} data-quiet={!row.value || undefined}>
                    <span className={classes.bar} style={{ width: `${(size(row) / max) * 100}%` }} aria-hidden />
                    {linkTo ? (
                      <Link prefetch={false} href={linkTo(row.value)} className={classes.text}>
                        {text}
                      </Link>
                    ) : (
                      <span className={classes.text}>{text}</span>
                    )}
                  </td>
                  <td>{numbers.count(row.rows)}</td>
                  {hasTime && <td>{row.time === null ? "–" : numbers.milliseconds(row.time)}</td>}
                </tr>
              );
            })}
            {others > 0 && (
              <tr>
                <td data-quiet>{t("others")}</td>
                <td>{numbers.count(others)}</td>
                {hasTime && <td>–</td>}
              </tr>
            )}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
