"use client";

import { Button, EmptyState } from "@mantine/core";
import { IconCalendarOff, IconFilterOff, IconListSearch } from "@tabler/icons-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { type BrowsedTableName, LOG_TABLE_NAMES } from "@/server/catalog";
import { useMay } from "../../session";
import type { LogQuery } from "../use-log-query";

type Reason = "tail" | "place" | "range" | "filters" | "nothing";

interface Props {
  table: BrowsedTableName;
  query: LogQuery;
}

/** Empty state of the table: the reason and suggested actions. */
export function NoRows({ table, query }: Props) {
  const t = useTranslations("logs");
  const mayIngest = useMay("ingest");
  const reason = reasonOf(query);
  const isFiltered = Object.keys(query.filters).length > 0;
  const hasArchives = LOG_TABLE_NAMES.some((name) => name === table);
  const mayBeArchived = hasArchives && !query.archived.include_archived && (reason === "range" || reason === "filters");
  const Glyph = {
    tail: IconListSearch,
    place: IconCalendarOff,
    range: IconCalendarOff,
    filters: IconFilterOff,
    nothing: IconListSearch,
  }[reason];
  return (
    <EmptyState
      icon={<Glyph stroke={1.6} />}
      py={56}
      title={t(`empty.${reason}.title`)}
      description={t(`empty.${reason}.hint`)}
    >
      <EmptyState.Actions>
        {reason === "place" && (
          <>
            <Button variant="default" onClick={() => query.goTo({})}>
              {t("empty.toStart")}
            </Button>
            <Button variant="default" onClick={() => query.goTo({ from: "end" })}>
              {t("empty.toEnd")}
            </Button>
          </>
        )}
        {reason === "range" && <Button onClick={() => query.setRange(null)}>{t("empty.allTime")}</Button>}
        {mayBeArchived && (
          <Button variant="default" onClick={() => query.setArchived(true)}>
            {t("empty.searchArchives")}
          </Button>
        )}
        {isFiltered && (
          <Button variant="default" onClick={() => query.setFilters({})}>
            {t("clearFilters")}
          </Button>
        )}
        {reason === "nothing" && mayIngest && (
          <Button component={Link} href={`/imports?table=${table}`}>
            {t("empty.import")}
          </Button>
        )}
      </EmptyState.Actions>
    </EmptyState>
  );
}

function reasonOf({ live, isFirstPage, range, filters }: LogQuery): Reason {
  if (!isFirstPage) return "place";
  if (live) return "tail";
  if (range !== null) return "range";
  return Object.keys(filters).length > 0 ? "filters" : "nothing";
}
