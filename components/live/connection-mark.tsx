"use client";

import { Group, Text, VisuallyHidden } from "@mantine/core";
import { useTranslations } from "next-intl";
import classes from "./connection-mark.module.css";
import { useQueueWatch } from "./queue-watch";

/** The connection state of the live data. */
export function ConnectionMark() {
  const t = useTranslations("connection");
  const { connection } = useQueueWatch();
  return (
    <Group gap={7} wrap="nowrap" px={6} role="status">
      <span className={classes.dot} data-connection={connection} title={t(connection)} />
      <Text size="xs" c="dimmed" visibleFrom="sm" component="span">
        {t(connection)}
      </Text>
      <VisuallyHidden hiddenFrom="sm">{t(connection)}</VisuallyHidden>
    </Group>
  );
}
