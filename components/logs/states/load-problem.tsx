"use client";

import { Alert, Button } from "@mantine/core";
import { IconClockExclamation } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { FILTER_PARAMETER } from "@/server/catalog/filter";
import type { ServerError } from "../../trpc";
import { errorCode, isPermanentRefusal } from "../../ui/error-code";
import { ErrorState } from "../../ui/error-state";
import { formatTime } from "../../ui/time";
import { useErrorText } from "../../ui/use-error-text";
import { type LogQuery, PAGE_SIZES } from "../use-log-query";

interface Props {
  error: ServerError;
  query: LogQuery;
  /** The time at which the displayed rows were read, in milliseconds since 1970; null without rows. */
  shownSince: number | null;
  onRetry: () => void;
  retrying: boolean;
}

/** Error state of the table with actions; shown above older rows, if any. */
export function LoadProblem({ error, query, shownSince, onRetry, retrying }: Props) {
  const t = useTranslations();
  const errorText = useErrorText();
  const timeZone = useTimeZone() ?? "UTC";
  if (shownSince !== null) {
    const time = formatTime(new Date(shownSince).toISOString(), timeZone, "time");
    return (
      <Alert
        color="orange"
        variant="light"
        mb="sm"
        role="alert"
        icon={<IconClockExclamation aria-hidden />}
        title={t("logs.stale.title", { time })}
      >
        {errorText(error)}
        <div>
          <Button mt={8} size="xs" variant="default" onClick={onRetry} loading={retrying}>
            {t("common.retry")}
          </Button>
        </div>
      </Alert>
    );
  }
  const isRefused = isPermanentRefusal(error);
  const isRefusedFor = (...parameters: string[]) =>
    isRefused && error.data?.errors.some(({ path }) => parameters.includes(path));
  const isPlaceRefused = isRefusedFor("cursor", "page", "at");
  const isSizeRefused = isRefusedFor("page_size");
  const isSearchRefused = isRefused && !isPlaceRefused && !isSizeRefused;
  const isFiltered = Object.keys(query.filters).length > 0;
  // A shared link may filter by a column that is masked for this viewer.
  const isMasked = errorCode(error) === "FORBIDDEN" && isFiltered;
  const place = error.data?.errors.find(({ path }) => path === FILTER_PARAMETER)?.position;
  const rest = place === undefined ? undefined : (query.filters[FILTER_PARAMETER] ?? "").slice(place);
  const where = rest === undefined ? undefined : t(rest === "" ? "logs.filterEnd" : "logs.filterAt", { rest });
  return (
    <ErrorState
      error={error}
      reason={isMasked ? t("logs.maskedFilter") : where && `${errorText(error)} ${where}`}
      onRetry={isRefused ? undefined : onRetry}
      retrying={retrying}
    >
      {isSizeRefused && (
        <Button size="xs" variant="default" onClick={() => query.setSize(PAGE_SIZES[0])}>
          {t("logs.setPageSize", { size: PAGE_SIZES[0] })}
        </Button>
      )}
      {(isPlaceRefused || (isSearchRefused && !query.isFirstPage)) && (
        <Button size="xs" variant="default" onClick={() => query.goTo({})}>
          {t("logs.empty.toStart")}
        </Button>
      )}
      {(isSearchRefused || isMasked) && isFiltered && (
        <Button size="xs" variant="default" onClick={() => query.setFilters({})}>
          {t("logs.clearFilters")}
        </Button>
      )}
      {isSearchRefused && query.range !== null && (
        <Button size="xs" variant="default" onClick={() => query.setRange(null)}>
          {t("logs.empty.allTime")}
        </Button>
      )}
    </ErrorState>
  );
}
