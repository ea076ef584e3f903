"use client";

import { Button, Center, Stack, Text, Title } from "@mantine/core";
import Link from "next/link";

interface Props {
  title: string;
  hint: string;
  /** Text of a link to the overview. */
  homeLabel?: string;
  /** Whether it is shown inside the dashboard layout. */
  isInside?: boolean;
  retryLabel?: string;
  onRetry?: () => void;
}

/** A full-page message: not found, failed. */
export function PageMessage({ title, hint, homeLabel, isInside = false, retryLabel, onRetry }: Props) {
  return (
    <Center mih="60vh" p="md" component={isInside ? "div" : "main"}>
      <Stack align="center" gap="xs" maw={420} ta="center">
        <Title order={1}>{title}</Title>
        <Text c="dimmed">{hint}</Text>
        {homeLabel && (
          <Button component={Link} href="/" mt="sm">
            {homeLabel}
          </Button>
        )}
        {onRetry && (
          <Button onClick={onRetry} mt="sm">
            {retryLabel}
          </Button>
        )}
      </Stack>
    </Center>
  );
}
