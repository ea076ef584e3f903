import { Text } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  label: string;
  value: ReactNode;
  /** Told when the value is pointed at. */
  hint?: string;
  /** What stands below in small. */
  children?: ReactNode;
}

/** One thing that is known: its name above, its value below. */
export function Fact({ label, value, hint, children }: Props) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text fw={600} size="sm" title={hint}>
        {value}
      </Text>
      {children}
    </div>
  );
}
