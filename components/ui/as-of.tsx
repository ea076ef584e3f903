"use client";

import { Group, type GroupProps, Text } from "@mantine/core";
import { IconClockExclamation } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { formatTime } from "./time";

interface Props extends GroupProps {
  /** Milliseconds since 1970. */
  since: number;
}

/** States that figures are old, and from when. */
export function AsOf({ since, ...group }: Props) {
  const text = useAsOf();
  return (
    <Group gap={6} wrap="nowrap" c="var(--app-warn)" data-testid="as-of" {...group}>
      <IconClockExclamation size={15} stroke={1.7} aria-hidden />
      <Text size="xs" component="span">
        {text(since)}
      </Text>
    </Group>
  );
}

/** The same as text. */
export function useAsOf(): (since: number) => string {
  const t = useTranslations("common");
  const timeZone = useTimeZone() ?? "UTC";
  return (since) => t("asOf", { time: formatTime(new Date(since).toISOString(), timeZone, "time") });
}
