import { type ElementProps, Paper, type PaperProps } from "@mantine/core";

/** A content section with a surface, named by aria-label or aria-labelledby. */
export function Panel(props: PaperProps & ElementProps<"section", keyof PaperProps>) {
  return <Paper component="section" withBorder bg="var(--app-surface)" bd="1px solid var(--app-border)" {...props} />;
}
