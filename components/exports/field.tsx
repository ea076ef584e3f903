import { Text } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  label: string;
  children: ReactNode;
}

/** A part of a form that names itself to those who hear it: the label above is for those who see it. */
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
