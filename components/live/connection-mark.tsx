"use client";

import { Group, Text, Tooltip, VisuallyHidden } from "@mantine/core";
import { useTranslations } from "next-intl";
import classes from "./connection-mark.module.css";
import { useQueueWatch } from "./queue-watch";

/** The connection state of the live data. */
export function ConnectionMark() {
  const t = useTranslations("connection");
  const { connection } = useQueueWatch();
  return (
    <Tooltip label={t(connection)}>
      <Group gap={7} wrap="nowrap" px={6} role="status">
        <span className={classes.dot} data-connection={connection} />
        <Text size="xs" c="dimmed" visibleFrom="sm" component="span">
          {t(connection)}
        </Text>
        <VisuallyHidden hiddenFrom="sm">{t(connection)}</VisuallyHidden>
      </Group>
    </Tooltip>
  );
}
