"use client";

import { Box, type BoxProps, Text } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useQueueWatch } from "../live/queue-watch";
import { errorCode, isPermanentRefusal } from "./error-code";
import { ErrorState } from "./error-state";

/** The errors of an outage of the server or of PostgreSQL. */
const OUTAGES: ReadonlySet<unknown> = new Set(["UNAVAILABLE", "NETWORK"]);

interface Props extends BoxProps {
  query: {
    readonly error: unknown;
    readonly isFetching: boolean;
    readonly refetch: () => unknown;
  };
}

/**
 * Error state of a failed query, with a retry button unless it would be refused again; nothing for any other query. During an outage, which the banner
 * explains and after which queries are repeated, only that the data is not available.
 */
export function QueryError({ query, ...box }: Props) {
  const t = useTranslations("errors");
  const { connection } = useQueueWatch();
  if (!query.error) return null;
  if ((connection === "down" || connection === "reconnecting") && OUTAGES.has(errorCode(query.error))) {
    return (
      <Box {...box}>
        <Text size="sm" c="dimmed" data-testid="not-available">
          {t("notAvailable")}
        </Text>
      </Box>
    );
  }
  return (
    <Box {...box}>
      <ErrorState
        error={query.error}
        onRetry={isPermanentRefusal(query.error) ? undefined : () => query.refetch()}
        retrying={query.isFetching}
      />
    </Box>
  );
}
