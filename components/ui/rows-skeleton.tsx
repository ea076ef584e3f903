import { Skeleton, Stack } from "@mantine/core";

const ROWS = ["first", "second", "third"];

/** Skeleton of a list that is loading. */
export function RowsSkeleton() {
  return (
    <Stack gap="md" px={{ base: "md", sm: "lg" }} pt="xs" pb="md" aria-hidden>
      {ROWS.map((row) => (
        <Stack key={row} gap={8}>
          <Skeleton h={14} w="45%" />
          <Skeleton h={10} w="80%" />
        </Stack>
      ))}
    </Stack>
  );
}
