"use client";

import { Button, Center, Stack, Text, Title } from "@mantine/core";
import Link from "next/link";

interface Props {
  title: string;
  hint: string;
  linkLabel?: string;
  linkHref?: string;
  retryLabel?: string;
  onRetry?: () => void;
}

/** A whole page that only says something: not found, failed. */
export function PageMessage({ title, hint, linkLabel, linkHref = "/queues", retryLabel, onRetry }: Props) {
  return (
    <Center mih="60vh" p="md" component="main">
      <Stack align="center" gap="xs" maw={420} ta="center">
        <Title order={1}>{title}</Title>
        <Text c="dimmed">{hint}</Text>
        {linkLabel && (
          <Button component={Link} href={linkHref} mt="sm">
            {linkLabel}
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
