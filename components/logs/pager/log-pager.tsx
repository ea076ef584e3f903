"use client";

import { Text, VisuallyHidden } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import { formatTime } from "../../ui/time";
import type { ShownPage } from "../use-log-page";
import type { LogQuery } from "../use-log-query";
import type { LogTotal } from "../use-log-total";
import { PageJump } from "./page-jump";
import { Pager } from "./pager";
import { RowPosition } from "./row-position";

/** The server limits page numbers to this row; cursors have no such limit. */
const DEEPEST_NUMBERED_ROW = 1_000_000;

interface Props {
  query: LogQuery;
  page: ShownPage;
  total: LogTotal;
  /** The time at which the rows were read, in milliseconds since 1970; 0 while another page is loading. */
  updatedAt: number;
  isBusy: boolean;
  /** The number of rows in the live tail; null without one. */
  liveRows: number | null;
}

/** The pagination bar: position, page field and navigation. */
export function LogPager({ query, page, total, updatedAt, isBusy, liveRows }: Props) {
  const t = useTranslations("logs.position");
  const timeZone = useTimeZone() ?? "UTC";
  const pages = total.total?.is_exact ? Math.ceil(total.total.count / query.size) : null;
  const isOnGrid = page.firstRow !== null && (page.firstRow - 1) % query.size === 0;
  const number = isOnGrid && page.firstRow !== null ? (page.firstRow - 1) / query.size + 1 : null;
  const canJump = liveRows === null && pages !== null && pages > 1 && pages * query.size <= DEEPEST_NUMBERED_ROW;

  return (
    <Pager query={query} page={page} isBusy={isBusy}>
      {liveRows === null ? (
        <div role="status">
          <RowPosition page={page} total={total} />
          {isBusy && <VisuallyHidden>{t("loading")}</VisuallyHidden>}
        </div>
      ) : (
        <Text size="xs">{t("live", { count: liveRows })}</Text>
      )}
      {canJump && (
        <PageJump page={number} pages={pages} onJump={(wanted) => query.goTo(wanted === 1 ? {} : { page: wanted })} />
      )}
      {liveRows === null && updatedAt > 0 && (
        <Text size="xs" c="dimmed" visibleFrom="sm">
          {t("asOf", { time: formatTime(new Date(updatedAt).toISOString(), timeZone, "time") })}
        </Text>
      )}
    </Pager>
  );
}
