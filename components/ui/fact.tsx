import { Text } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  label: string;
  value: ReactNode;
  /** Tooltip of the value. */
  hint?: string;
  /** Content below the value, in small text. */
  children?: ReactNode;
}

/** A labelled value. */
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
