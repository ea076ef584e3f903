"use client";

import { ActionIcon, Button, Group, Skeleton, Text, UnstyledButton } from "@mantine/core";
import { useElementSize, useLocalStorage } from "@mantine/hooks";
import { IconChevronDown, IconChevronRight, IconTable, IconTimeline, IconZoomQuestion } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { useEffect, useMemo, useState } from "react";
import type { BrowsedTableName } from "@/server/catalog";
import { type Bounds, rangeBetween } from "../../time-range/bounds";
import type { TimeRange } from "../../time-range/range";
import { isPermanentRefusal } from "../../ui/error-code";
import { Panel } from "../../ui/panel";
import { useErrorText } from "../../ui/use-error-text";
import type { LogQuery } from "../use-log-query";
import type { ChartTotal, Total } from "../use-log-total";
import { boundsOfBuckets, kindsOf } from "./buckets";
import { HistogramChart, PLOT_HEIGHT } from "./histogram-chart";
import { HistogramSummary } from "./histogram-summary";
import { HistogramTable } from "./histogram-table";
import classes from "./log-histogram.module.css";
import { useHistogram } from "./use-histogram";

/** Height of the plot with its axis. Placeholders have the same height to avoid layout shifts. */
const BODY_HEIGHT = PLOT_HEIGHT + 22;
const SCALE_WIDTH = 40;
const NARROW_PX = 560;
const BARS = { narrow: 48, wide: 120 };

interface Props {
  table: BrowsedTableName;
  filters: Readonly<Record<string, string>>;
  range: TimeRange;
  archived: LogQuery["archived"];
  /** End of a relative range in milliseconds since 1970; null for now. */
  until: number | null;
  /** The total shown on the page. */
  total: Total | undefined;
  /** Called with the total of the chart. */
  onTotal: (total: ChartTotal) => void;
  onZoom: (range: TimeRange) => void;
  /** Called with a window to be explained; undefined for tables without that. */
  onChanges?: (bounds: Bounds) => void;
  /** The window that is being explained. */
  marked: Bounds | null;
}

/** A histogram of events over time; dragging selects a part of it, to zoom in or to ask what changed. */
export function LogHistogram(props: Props) {
  const { table, filters, range, archived, until, total, onTotal, onZoom, onChanges, marked } = props;
  const t = useTranslations();
  const errorText = useErrorText();
  const timeZone = useTimeZone() ?? "UTC";
  const { ref, width } = useElementSize();
  const [isOpen, setIsOpen] = useLocalStorage({ key: "log-histogram-open", defaultValue: true });
  const [asTable, setAsTable] = useState(false);
  const buckets = !isOpen || width === 0 ? null : width < NARROW_PX ? BARS.narrow : BARS.wide;
  const query = { table, filters, range, archived, until, buckets };
  const { data, error, isFetching, isPlaceholderData, refetch } = useHistogram(query);
  const kinds = useMemo(() => (data ? kindsOf(data) : []), [data]);

  const isCounted = data !== undefined && !isPlaceholderData;
  const counted = isCounted ? data.total : null;
  const isExact = data?.is_exact ?? false;
  useEffect(() => {
    if (!isOpen || error) onTotal("none");
    else onTotal(counted === null ? "pending" : { count: counted, is_exact: isExact });
  }, [isOpen, error, counted, isExact, onTotal]);

  const zoom = (from: number, to: number) => {
    if (data && data.buckets.length > 1) onZoom(rangeBetween(boundsOfBuckets(data, from, to), timeZone));
  };
  const explain = onChanges && ((from: number, to: number) => data && onChanges(boundsOfBuckets(data, from, to)));

  return (
    <Panel px="sm" py={2} aria-label={t("logHistogram.title")}>
      <Group justify="space-between" wrap="nowrap" gap="xs" align="flex-start" mih={26}>
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <UnstyledButton className={classes.toggle} aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            {isOpen ? <IconChevronDown size={16} aria-hidden /> : <IconChevronRight size={16} aria-hidden />}
            <span data-quiet={isOpen || undefined}>{t("logHistogram.title")}</span>
          </UnstyledButton>
          {isOpen && data && !error && <HistogramSummary histogram={data} kinds={kinds} total={total} />}
        </Group>
        {isOpen && (
          <Group gap={4} wrap="nowrap">
            {explain && data && range !== null && data.total > 0 && (
              <Button
                size="compact-xs"
                variant="subtle"
                color="gray"
                title={t("changes.wholeHint")}
                leftSection={<IconZoomQuestion size={15} stroke={1.6} />}
                onClick={() => explain(0, data.buckets.length - 1)}
              >
                {t("changes.title")}
              </Button>
            )}
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={asTable ? t("common.showChart") : t("common.showTable")}
              title={asTable ? t("common.showChart") : t("common.showTable")}
              onClick={() => setAsTable(!asTable)}
            >
              {asTable ? <IconTimeline size={17} stroke={1.6} /> : <IconTable size={17} stroke={1.6} />}
            </ActionIcon>
          </Group>
        )}
      </Group>
      {isOpen && (
        <div
          ref={ref}
          className={classes.body}
          style={{ height: BODY_HEIGHT }}
          data-stale={isPlaceholderData || undefined}
          aria-busy={isFetching}
        >
          {error ? (
            <div className={classes.message} role="alert">
              <Text size="sm">{errorText(error)}</Text>
              {!isPermanentRefusal(error) && (
                <Button size="compact-sm" variant="default" loading={isFetching} onClick={() => refetch()}>
                  {t("common.retry")}
                </Button>
              )}
            </div>
          ) : !data ? (
            <Skeleton h={PLOT_HEIGHT} role="status" aria-label={t("logHistogram.loading")} />
          ) : asTable ? (
            <HistogramTable histogram={data} kinds={kinds} height={BODY_HEIGHT} onZoom={zoom} onChanges={explain} />
          ) : (
            <HistogramChart
              histogram={data}
              kinds={kinds}
              width={Math.max(1, width - SCALE_WIDTH)}
              onZoom={zoom}
              onChanges={explain}
              marked={marked}
            />
          )}
          {data && !error && data.total === 0 && !asTable && (
            <Text size="sm" c="dimmed" className={classes.empty}>
              {t("logHistogram.empty")}
            </Text>
          )}
          {isFetching && (isPlaceholderData || !data) && !error && (
            <Text size="xs" className={classes.slow} role="status">
              {t("logHistogram.slow")}
            </Text>
          )}
        </div>
      )}
    </Panel>
  );
}
