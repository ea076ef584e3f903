"use client";

import { Button, Center, Stack, Text, Title } from "@mantine/core";
import Link from "next/link";

interface Props {
  title: string;
  hint: string;
  /** Of a link to the overview. */
  homeLabel?: string;
  /** Whether it stands in the main part of the dashboard, not in its place. */
  isInside?: boolean;
  retryLabel?: string;
  onRetry?: () => void;
}

/** A whole page that only says something: not found, failed. */
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
