import { Box, Group, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  title: string;
  subtitle: string;
  children?: ReactNode;
}

/** The title, subtitle and main controls of a page. */
export function PageHeader({ title, subtitle, children }: Props) {
  return (
    <Group justify="space-between" align="flex-end" gap="sm" mb="lg">
      <Box maw={720}>
        <Title order={1}>{title}</Title>
        <Text c="dimmed" size="sm">
          {subtitle}
        </Text>
      </Box>
      {children && <Group gap="xs">{children}</Group>}
    </Group>
  );
}
