"use client";

import { Button, Group, Loader, Paper, Text } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import classes from "./slow-notice.module.css";

const SLOW_MS = 2_000;

interface Props {
  busy: boolean;
  onCancel: () => void;
  /** Narrows the time range; null if it is narrow already. */
  onNarrow: (() => void) | null;
}

/** After two seconds, offers to narrow or cancel a slow search. */
export function SlowNotice({ busy, onCancel, onNarrow }: Props) {
  const t = useTranslations("logs.slow");
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    if (!busy) return;
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => {
      clearTimeout(timer);
      setSlow(false);
    };
  }, [busy]);

  return (
    <div role="status" className={classes.place}>
      {slow && (
        <Paper shadow="md" className={classes.notice}>
          <Group gap="sm" wrap="nowrap">
            <Loader size={16} />
            <Text size="sm">{t("title")}</Text>
          </Group>
          <Group gap={6}>
            {onNarrow && (
              <Button size="compact-sm" variant="light" onClick={onNarrow}>
                {t("narrow")}
              </Button>
            )}
            <Button size="compact-sm" variant="default" onClick={onCancel}>
              {t("cancel")}
            </Button>
          </Group>
        </Paper>
      )}
    </div>
  );
}
