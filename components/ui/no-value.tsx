import { Text } from "@mantine/core";
import { Tooltip } from "./tooltip";

/** A dash in place of a value, with the reason in a tooltip and for screen readers. */
export function NoValue({ reason }: { reason: string }) {
  return (
    <Tooltip label={reason}>
      <Text span inherit c="dimmed" role="img" aria-label={reason} tabIndex={0}>
        –
      </Text>
    </Tooltip>
  );
}
