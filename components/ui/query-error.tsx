import { Box, type BoxProps } from "@mantine/core";
import { ErrorState } from "./error-state";

interface Props extends BoxProps {
  query: {
    readonly error: unknown;
    readonly isFetching: boolean;
    readonly refetch: () => unknown;
  };
}

/** Error state of a failed query with a retry button; nothing for any other query. */
export function QueryError({ query, ...box }: Props) {
  if (!query.error) return null;
  return (
    <Box {...box}>
      <ErrorState error={query.error} onRetry={() => query.refetch()} retrying={query.isFetching} />
    </Box>
  );
}
