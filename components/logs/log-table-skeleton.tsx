import { Skeleton, Stack } from "@mantine/core";
import { Panel } from "../ui/panel";

const ROWS = Array.from({ length: 14 }, (_, index) => index);

export function LogTableSkeleton() {
  return (
    <Panel p="md" aria-hidden>
      <Stack gap={14}>
        {ROWS.map((row) => (
          <Skeleton key={row} h={19} />
        ))}
      </Stack>
    </Panel>
  );
}
