import { Text } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  label: string;
  children: ReactNode;
}

/** A form field group with a visible label that also names it for screen readers. */
export function Field({ label, children }: Props) {
  return (
    <div style={{ minWidth: 0 }}>
      <Text size="sm" fw={500} mb={6} aria-hidden>
        {label}
      </Text>
      {children}
    </div>
  );
}
