import { type ElementProps, Paper, type PaperProps } from "@mantine/core";

/** The surface that content lies on: a section, named by aria-label or aria-labelledby. */
export function Panel(props: PaperProps & ElementProps<"section", keyof PaperProps>) {
  return <Paper component="section" withBorder bg="var(--app-surface)" bd="1px solid var(--app-border)" {...props} />;
}
