"use client";

import { ActionIcon, Text, Title } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useFormatter, useTimeZone, useTranslations } from "next-intl";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import type { FilterParameters } from "../../filter-bar/filters";
import { usePrincipal } from "../../session";
import { rangeBetween } from "../../time-range/bounds";
import { useRangeLabel } from "../../time-range/use-range-label";
import { useTRPC } from "../../trpc";
import { Panel } from "../../ui/panel";
import { formatTime } from "../../ui/time";
import { useExploreText } from "../use-explore-text";
import { BaselinePart } from "./baseline-part";
import { Cause } from "./cause";
import classes from "./changes.module.css";
import { baselineOf, type ChangesWindow, type ComparedRows, windowOf } from "./changes-window";
import { ChangesState } from "./states";
import { useChanges } from "./use-changes";

interface Props {
  rows: ComparedRows;
  window: ChangesWindow;
  /** Null closes the panel. */
  onWindow: (next: ChangesWindow | null) => void;
  /** Called with filters for a value beside those of the page. */
  onFilter: (filters: FilterParameters) => void;
  /** Whether the panel takes the focus, as after a click that opened it. */
  hasFocus: boolean;
}

/** What stands out in a window of time compared with a baseline: causes with their rows, or that there are none. */
export function ChangesPanel({ rows: given, window: chosen, onWindow, onFilter, hasFocus }: Props) {
  const t = useTranslations("changes");
  const common = useTranslations("common");
  const format = useFormatter();
  const timeZone = useTimeZone() ?? "UTC";
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  const text = useExploreText(given.table);
  const masked = useMaskedFields();

  const rowsKey = JSON.stringify([given.table, given.filters, given.archived]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: pages pass new objects with the same content
  const rows = useMemo(() => ({ table: given.table, filters: given.filters, archived: given.archived }), [rowsKey]);
  const windowKey = JSON.stringify(chosen);
  const [asked, setAsked] = useState(() => ({ windowKey, now: Date.now() }));
  if (asked.windowKey !== windowKey) setAsked({ windowKey, now: Date.now() });
  const { now } = asked;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the URL is parsed again with the same content
  const window = useMemo(() => windowOf(chosen, now, chosen.baseline), [windowKey, now]);
  const isFuture = window.from >= now;
  const changes = useChanges(rows, window, !isFuture);
  const windowText = useRangeLabel(rangeBetween(window, timeZone));
  const baselineText = useRangeLabel(rangeBetween(baselineOf(window), timeZone));
  const { data } = changes;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another window is announced like a new panel
  useEffect(() => {
    if (hasFocus) heading.current?.focus();
  }, [hasFocus, windowKey]);

  const onKeyDown = (event: KeyboardEvent) => {
    // Menus of the panel are elsewhere in the document.
    const isInside = event.target instanceof Node && event.currentTarget.contains(event.target);
    if (event.key !== "Escape" || event.defaultPrevented || !isInside) return;
    event.stopPropagation();
    onWindow(null);
  };

  return (
    <Panel className={classes.panel} p="md" aria-labelledby={id} onKeyDown={onKeyDown} data-testid="changes">
      <div className={classes.head}>
        <Title order={2} size="h4" id={id} ref={heading} tabIndex={-1} className={classes.title}>
          {t("title")}
        </Title>
        <ActionIcon variant="subtle" color="gray" aria-label={common("close")} onClick={() => onWindow(null)}>
          <IconX size={18} />
        </ActionIcon>
      </div>
      <p className={classes.sentence}>
        {t.rich("sentence", {
          window: windowText,
          strong: (chunks) => <strong>{chunks}</strong>,
          baseline: () => <BaselinePart window={window} onChange={onWindow} />,
        })}
      </p>
      <Text size="xs" c="dimmed" mt={2}>
        {data
          ? t("compared", { now: data.rows_now, before: data.rows_before, period: baselineText })
          : t("period", { period: baselineText })}
      </Text>
      {Object.keys(rows.filters).length > 0 && (
        <Text size="xs" c="dimmed">
          {t("filtered")}
        </Text>
      )}
      {window.to < chosen.to && !isFuture && (
        <Text size="xs" c="dimmed">
          {t("cut", {
            time: formatTime(new Date(window.to).toISOString(), timeZone).slice(11, 19).replace(/:00$/, ""),
          })}
        </Text>
      )}
      {masked.length > 0 && (
        <Text size="xs" c="dimmed">
          {t("masked", { fields: text.list(masked.map(text.field)) })}
        </Text>
      )}
      <div role="status" className={classes.status}>
        {data && data.findings.length > 0 && t("found", { count: data.findings.length })}
      </div>
      {isFuture || !data || data.findings.length === 0 ? (
        <ChangesState changes={changes} window={window} isFuture={isFuture} period={baselineText} />
      ) : (
        <ol className={classes.causes} aria-label={t("causes")}>
          {data.findings.map((finding, index) => (
            <li key={JSON.stringify([finding.kind, finding.rows_filter, finding.field, finding.value])}>
              <Cause
                finding={finding}
                rank={format.number(index + 1)}
                rows={rows}
                window={window}
                text={text}
                onFilter={onFilter}
              />
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

/** The fields that are masked for the user, and so not compared. */
function useMaskedFields(): readonly string[] {
  const trpc = useTRPC();
  const isViewer = usePrincipal().role === "viewer";
  const { data } = useQuery(trpc.privacy.mine.queryOptions(undefined, { enabled: isViewer, staleTime: 30_000 }));
  return data?.masked ?? [];
}
