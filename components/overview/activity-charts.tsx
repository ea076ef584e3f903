"use client";

import { SimpleGrid } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import { memo, useMemo } from "react";
import { windowOf } from "../explore/changes/changes-window";
import { changesHref } from "../explore/changes/finding-links";
import { exploreHref } from "../explore/href";
import type { ExploreQuestion } from "../explore/state";
import type { FilterParameters } from "../filter-bar/filters";
import { type Bounds, rangeBetween } from "../time-range/bounds";
import type { RouterOutputs } from "../trpc";
import { useNumbers } from "../ui/use-numbers";
import { Figure } from "./figure";
import { TimeChart } from "./time-chart";
import { listOf } from "./top-lists";
import { TopValues } from "./top-values";
import { useDistinctText } from "./use-distinct-text";

/** Of all activities, or of those that match filters. */
export type Activities = Pick<RouterOutputs["overview"]["filteredActivities"], "points" | "actions"> &
  Partial<Pick<RouterOutputs["overview"]["traffic"], "totals" | "previous">>;

interface Props {
  activities: Activities | null;
  filters: FilterParameters;
  /** Null for all time. */
  bounds: Bounds | null;
  onZoom: (from: number, to: number) => void;
}

/** Activities over time with their users, and the most frequent actions. */
export const ActivityCharts = memo(function ActivityCharts({ activities, filters, bounds, onZoom }: Props) {
  const t = useTranslations("overview");
  const timeZone = useTimeZone() ?? "UTC";
  const numbers = useNumbers();
  const distinct = useDistinctText();
  const points = useMemo(
    () =>
      activities?.points.map(({ at, end, activities: count, users }) => ({ at, end, activities: count, users })) ??
      null,
    [activities],
  );
  const hasUsers = activities?.points.some(({ users }) => users !== null) ?? false;
  const sum = activities?.points.reduce((total, point) => total + point.activities, 0);
  const explore = (question: Partial<ExploreQuestion>) =>
    exploreHref({ table: "user_activities", filters, ...question, range: bounds && rangeBetween(bounds, timeZone) });
  const range = bounds && rangeBetween(bounds, timeZone);
  const explain = (window: Bounds) =>
    changesHref({ table: "user_activities", filters, interval: "auto", range }, windowOf(window, Date.now()));
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
      <TimeChart
        points={points}
        onZoom={onZoom}
        title={t("charts.activities")}
        exploreHref={explore({
          measures: [{ fn: "count" }, { fn: "distinct", field: "user_id" }],
          interval: "auto",
        })}
        changesHref={explain}
        hint={Object.keys(filters).length === 0 && hasUsers ? t("charts.activitiesHint") : undefined}
        figure={
          <Figure
            value={activities && (activities.totals?.activities ?? sum)}
            format={numbers.count}
            before={activities?.previous?.totals.activities}
          />
        }
        kind="area"
        series={[
          { name: "activities", label: t("activities"), color: "var(--app-series-0)" },
          { name: "users", label: t("activeUsers"), color: "var(--app-series-2)" },
        ]}
        previous={
          activities?.previous?.totals.activities
            ? { label: t("compared.period"), values: activities.previous.points.map((point) => point.activities) }
            : undefined
        }
        format={numbers.count}
        isCount
        empty={t("noRows")}
      />
      <TopValues
        title={t("charts.actions")}
        exploreHref={explore({ groups: ["action"] })}
        valueLabel={t("fields.action")}
        countLabel={t("activityCount")}
        hint={distinct(activities?.actions)}
        rows={listOf(activities?.actions)}
        others={activities?.actions.others}
        by="rows"
      />
    </SimpleGrid>
  );
});
