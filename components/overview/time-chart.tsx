"use client";

import { ActionIcon, Group, Skeleton, Text, Title } from "@mantine/core";
import { IconChartHistogram, IconTable, IconTimeline } from "@tabler/icons-react";
import Link from "next/link";
import { useTimeZone, useTranslations } from "next-intl";
import { type MouseEvent, type ReactNode, useId, useState } from "react";
import { Plot, type PlotProps } from "../charts/plot";
import type { TimePoint } from "../charts/time-point";
import { WindowMenu } from "../explore/changes/window-menu";
import { type Bounds, boundsText } from "../time-range/bounds";
import { TimeKeys } from "../time-range/time-keys";
import { type SelectedTime, useTimeSelection } from "../time-range/use-time-selection";
import { Panel } from "../ui/panel";
import { Tooltip } from "../ui/tooltip";
import classes from "./time-chart.module.css";
import { TimeTable } from "./time-table";

interface Props
  extends Pick<
    PlotProps,
    "kind" | "stacked" | "series" | "format" | "limit" | "isShare" | "isCount" | "minScale" | "previous"
  > {
  title: string;
  hint?: string;
  /** The total of the range, with its change. */
  figure?: ReactNode;
  /** Null before the first result. */
  points: readonly TimePoint[] | null;
  onZoom: (from: number, to: number) => void;
  /** Shown when there is no data. */
  empty?: string;
  /** The URL of Explore with the same question. */
  exploreHref?: string;
  /** The URL of a page that explains a window of time. With it, a selection opens a menu instead of zooming at once. */
  changesHref?: (window: Bounds) => string;
  className?: string;
}

/** A time series as a chart that zooms by dragging, or as a table that zooms by its rows. */
export function TimeChart(props: Props) {
  const { title, hint, figure, series, format, points, previous, onZoom, empty, changesHref } = props;
  const t = useTranslations();
  const timeZone = useTimeZone() ?? "UTC";
  const id = useId();
  const [asTable, setAsTable] = useState(false);
  const [chosen, setChosen] = useState<SelectedTime | null>(null);
  const { selection, handlers, keys, isDragEnd, selectPoint } = useTimeSelection(
    points ?? [],
    true,
    chosen !== null,
    (selected) => (changesHref ? setChosen(selected) : onZoom(selected.bounds.from, selected.bounds.to)),
  );
  const shown = series.filter(({ name }) => points?.some((point) => typeof point[name] === "number"));
  const isEmpty = points !== null && shown.length === 0;
  const pointer = {
    onMouseDown: (event: MouseEvent<HTMLElement>) => handlers.onMouseDown(null, event),
    onMouseMove: (event: MouseEvent<HTMLElement>) => handlers.onMouseMove(null, event),
    onMouseUp: (event: MouseEvent<HTMLElement>) => handlers.onMouseUp(null, event),
    onMouseLeave: handlers.onMouseLeave,
    onClick: changesHref
      ? (event: MouseEvent<HTMLElement>) => void (!isDragEnd() && selectPoint(null, event))
      : undefined,
  };
  const nameOf = ({ bounds }: Pick<SelectedTime, "bounds">) => boundsText(bounds, timeZone);
  const toggle = asTable ? t("common.showChart") : t("common.showTable");

  return (
    <Panel px="md" py="sm" aria-labelledby={id} className={props.className} style={{ minWidth: 0 }}>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start" mih={28}>
        <Group gap="0 8px" align="baseline">
          <Title order={3} id={id}>
            {title}
          </Title>
          {hint && (
            <Text size="xs" c="dimmed">
              {hint}
            </Text>
          )}
        </Group>
        <Group gap={2} wrap="nowrap" style={{ flex: "none" }}>
          {props.exploreHref && (
            <Tooltip label={t("explore.openExplore")}>
              <ActionIcon
                component={Link}
                prefetch={false}
                href={props.exploreHref}
                variant="subtle"
                color="gray"
                aria-label={`${t("explore.openExplore")}: ${title}`}
              >
                <IconChartHistogram size={17} stroke={1.6} />
              </ActionIcon>
            </Tooltip>
          )}
          {points !== null && !isEmpty && (
            <Tooltip label={toggle}>
              <ActionIcon variant="subtle" color="gray" aria-label={toggle} onClick={() => setAsTable(!asTable)}>
                {asTable ? <IconTimeline size={17} stroke={1.6} /> : <IconTable size={17} stroke={1.6} />}
              </ActionIcon>
            </Tooltip>
          )}
        </Group>
      </Group>
      {figure !== undefined && <div className={classes.figure}>{figure}</div>}
      <div className={classes.body}>
        {points === null && <Skeleton h="100%" />}
        {isEmpty && (
          <Text size="sm" c="dimmed" className={classes.empty}>
            {empty ?? t("overview.notMeasured")}
          </Text>
        )}
        {points !== null && !isEmpty && asTable && (
          <TimeTable
            points={points}
            series={shown}
            format={format}
            title={title}
            onZoom={onZoom}
            changesHref={changesHref}
          />
        )}
        {points !== null && !isEmpty && !asTable && (
          <>
            <Plot
              kind={props.kind}
              stacked={props.stacked}
              points={points}
              series={shown}
              format={format}
              previous={previous}
              limit={props.limit}
              isShare={props.isShare}
              isCount={props.isCount}
              minScale={props.minScale}
              selection={selection}
              labelledBy={id}
              pointer={pointer}
            />
            <TimeKeys
              label={t("changes.keys", { name: title })}
              text={
                selection?.by === "keys" && selection.first && selection.last
                  ? boundsText({ from: Date.parse(selection.first.at), to: Date.parse(selection.last.end) }, timeZone)
                  : null
              }
              index={selection?.to ?? points.length - 1}
              count={points.length}
              keys={keys}
            />
          </>
        )}
      </div>
      {changesHref && chosen && (
        <WindowMenu
          at={chosen}
          name={nameOf(chosen)}
          label={nameOf(chosen)}
          isBar={chosen.count === 1 && props.kind === "bar"}
          onClose={() => setChosen(null)}
          onZoom={() => onZoom(chosen.bounds.from, chosen.bounds.to)}
          changes={changesHref(chosen.bounds)}
        />
      )}
    </Panel>
  );
}
