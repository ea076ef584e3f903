"use client";

import { Box, Button, Group, NativeSelect, SegmentedControl, Text } from "@mantine/core";
import { IconZoomQuestion } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { useId, useState } from "react";
import type { Bounds } from "../time-range/bounds";
import { refusalOf } from "../ui/error-code";
import { OnDemand } from "../ui/on-demand";
import { formatTime } from "../ui/time";
import { useDuration } from "../ui/use-duration";
import { changeOf, valuesOf } from "./answer";
import { AnswerTable } from "./result/answer-table";
import classes from "./result/explore-result.module.css";
import { GroupBars } from "./result/group-bars";
import { HeatMap } from "./result/heat-map";
import { MAX_SERIES, viewOf, viewsOf } from "./result/series";
import { AnswerSkeleton, Failed, NoAnswer, Running } from "./result/states";
import { type Answer, useAnswer } from "./result/use-answer";
import { type Opened, ValueMenu } from "./result/value-menu";
import type { ExploreQuestion, ExploreView } from "./state";
import { useExploreText } from "./use-explore-text";

const loadPlot = () => import("./result/time-plot");

const HEIGHT = 260;
/** The heights of the choice of a measure, and of a line of text, with their margins. */
const CHOICE_HEIGHT = 42;
const NOTE_HEIGHT = 22;

interface Props {
  query: ExploreQuestion;
  view: ExploreView;
  /** The end of a relative range, in milliseconds since 1970. */
  now: number;
  /** Called with a changed question from a menu; without it, menus link to Explore. */
  onChange?: (next: ExploreQuestion) => void;
  /** Called with another view; without it, the view cannot be changed. */
  onView?: (view: ExploreView) => void;
  /** Called with a window to be explained; without it, menus link to Explore. */
  onChanges?: (window: Bounds) => void;
  /** The window that is being explained. */
  marked?: Bounds | null;
  /** The height of the chart in pixels, with what belongs to it if the view cannot be changed. */
  height?: number;
  /** Whether the table is displayed below the chart. */
  withTable?: boolean;
}

/** The answer to a question as a chart and a table, with the states of loading, failing and finding nothing. */
export function AnswerView({
  query,
  view,
  now,
  answer,
  onChange,
  onView,
  onChanges,
  marked = null,
  height = HEIGHT,
  withTable = true,
}: Props & { answer: Answer }) {
  const t = useTranslations("explore");
  const changes = useTranslations("changes");
  const text = useExploreText(query.table);
  const timeZone = useTimeZone() ?? "UTC";
  const duration = useDuration();
  const id = useId();
  const [drawnAt, setDrawn] = useState(0);
  const [opened, setOpened] = useState<Opened | null>(null);
  // The groups over the whole range: averages over time do not add up to theirs.
  const hasTotals = query.interval !== null && query.groups.length > 0;
  const isTableShown = withTable || view === "table";
  const totals = useAnswer({ ...query, interval: null }, now, hasTotals && isTableShown && answer.isSuccess);
  const { data, isPlaceholderData, isFetching, error } = answer;
  const drawn = drawnAt < query.measures.length ? drawnAt : 0;
  const measure = query.measures[drawn];
  const isOther = data !== undefined && !fits(query, data.columns.length, data.before_start !== null);

  // The page shows errors of fields at their parts of the sentence.
  const isShownThere = onView !== undefined && (refusalOf(error)?.errors?.length ?? 0) > 0;
  if (isShownThere && !isFetching) return <Box mih={height} />;
  if (answer.isStopped || (error && !isFetching)) return <Failed answer={answer} />;
  if (!data || !measure || (isPlaceholderData && isOther))
    return (
      <>
        <Box h={onView ? 30 : undefined} mb="sm">
          <Running isRunning={isFetching} onCancel={answer.cancel} />
        </Box>
        <AnswerSkeleton height={height} hasTable={isTableShown} />
      </>
    );
  if (data.rows_matched === 0 && data.rows.length <= 1 && !data.others)
    return <NoAnswer question={query} onChange={onChange} />;

  const chosen = viewOf(query, view);
  const label = query.measures.map((own) => text.measure(own)).join(", ");
  const listed = hasTotals ? totals.data : data;
  const isSingle = query.groups.length === 0 && query.interval === null;
  const groupCount = data.group_count ?? 0;
  const others = t("othersCount", { count: Math.max(0, groupCount - data.rows.length) });
  const shared = { question: query, answer: data, drawn, text, onOpen: setOpened };
  const values = valuesOf(data, data.totals);
  const canChoose = query.measures.length > 1 && !isSingle && (onView !== undefined || chosen !== "table");
  const isPartial = query.interval !== null && chosen !== "table" && groupCount > MAX_SERIES;
  const rest = onView ? 0 : (canChoose ? CHOICE_HEIGHT : 0) + (isPartial ? NOTE_HEIGHT : 0);

  return (
    <div className={classes.result} data-stale={isPlaceholderData || undefined} aria-busy={isFetching}>
      <Running isRunning={isFetching} onCancel={answer.cancel} />
      <span id={id} hidden>
        {label}
      </span>
      <Group
        justify="space-between"
        mb={(onView && !isSingle) || canChoose ? "sm" : 0}
        gap="xs"
        mih={onView && !isSingle ? 30 : 0}
      >
        {canChoose ? (
          <NativeSelect
            size="xs"
            w={220}
            aria-label={t("drawn")}
            data={query.measures.map((own, index) => ({ value: String(index), label: text.measure(own) }))}
            value={String(drawn)}
            onChange={({ currentTarget: { value } }) => setDrawn(Number(value))}
          />
        ) : (
          <span />
        )}
        <Group gap="xs">
          {onChanges && query.interval !== null && query.range !== null && (
            <Button
              size="xs"
              variant="default"
              title={changes("wholeHint")}
              leftSection={<IconZoomQuestion size={15} stroke={1.6} />}
              onClick={() => onChanges({ from: Date.parse(data.start), to: Date.parse(data.end) })}
            >
              {changes("title")}
            </Button>
          )}
          {onView && viewsOf(query).length > 1 && !isSingle && (
            <SegmentedControl
              size="xs"
              aria-label={t("views.label")}
              data={viewsOf(query).map((value) => ({ value, label: t(`views.${value}`) }))}
              value={chosen}
              onChange={(value) => {
                const next = viewsOf(query).find((known) => known === value);
                if (next) onView(next);
              }}
            />
          )}
        </Group>
      </Group>
      {isSingle && (
        <dl className={classes.figures}>
          {query.measures.map((own, index) => {
            const value = values[index];
            const change = value ? changeOf(value) : null;
            return (
              <div key={text.measure(own)} className={classes.figure}>
                <dt>{text.measure(own)}</dt>
                <dd>{text.amount(own, value?.now ?? null)}</dd>
                {value?.before !== undefined && (
                  <Text component="dd" size="sm" c="dimmed">
                    {t("beforeValue", { value: text.amount(own, value.before) })}
                    {change !== null && ` (${text.change(change)})`}
                  </Text>
                )}
              </div>
            );
          })}
        </dl>
      )}
      {!isSingle && chosen === "bars" && <GroupBars {...shared} othersLabel={others} />}
      {chosen === "heat" && <HeatMap {...shared} />}
      {(chosen === "line" || chosen === "stacked") && (
        <OnDemand load={loadPlot} instead={<Box h={height - rest} />}>
          {({ TimePlot }) => (
            <TimePlot
              {...shared}
              kind={chosen}
              height={height - rest}
              labelledBy={id}
              label={label}
              isMenuOpen={opened !== null}
              marked={marked}
            />
          )}
        </OnDemand>
      )}
      {isPartial && (
        <Text size="xs" c="dimmed" mt={4}>
          {t("showingSeries", { shown: MAX_SERIES, count: groupCount })}
        </Text>
      )}
      {isTableShown && !isSingle && (
        <div style={{ marginTop: chosen === "table" ? 0 : 20 }}>
          {hasTotals && totals.error ? (
            <Failed answer={totals} />
          ) : listed && (!hasTotals || fits({ ...query, interval: null }, listed.columns.length, query.compare)) ? (
            <AnswerTable
              question={hasTotals ? { ...query, interval: null } : query}
              answer={listed}
              text={text}
              label={label}
              onOpen={setOpened}
              onOrder={onChange ? (order) => onChange({ ...query, order }) : undefined}
            />
          ) : (
            <AnswerSkeleton height={0} hasTable />
          )}
        </div>
      )}
      {isTableShown && (
        <Text size="xs" c="dimmed" mt="sm">
          {t(data.is_cached ? "cached" : "footer", {
            rows: data.rows_matched,
            time: formatTime(data.as_of, timeZone),
            duration: duration(data.duration_ms / 1_000),
          })}
        </Text>
      )}
      <ValueMenu
        key={opened?.title}
        opened={opened}
        onOpen={setOpened}
        onClose={() => setOpened(null)}
        question={query}
        answer={opened?.place.time === null && listed ? listed : data}
        onChange={onChange}
        onChanges={onChanges}
      />
    </div>
  );
}

/** Whether an answer is one to a question of this form, so that it can be displayed until the own one arrives. */
function fits({ groups, interval, measures }: ExploreQuestion, columns: number, isCompared: boolean): boolean {
  return columns === (interval === null ? 0 : 1) + groups.length + measures.length * (isCompared ? 2 : 1);
}
