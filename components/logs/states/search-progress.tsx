"use client";

import { Button, EmptyState, Group, Loader, Text } from "@mantine/core";
import { IconPlayerPlayFilled, IconPlayerStopFilled, IconSearch } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { formatTime } from "../../ui/time";
import type { Searched } from "../use-log-page";
import classes from "./search-progress.module.css";

interface Props {
  searched: Searched;
  /** The number of rows. */
  found: number;
  isRunning: boolean;
  onStop: () => void;
  onContinue: () => void;
}

/** The progress of a search whose rows are shown as they are found. */
export function SearchProgress({ searched, found, isRunning, onStop, onContinue }: Props) {
  const t = useTranslations("logs.search");
  const timeZone = useTimeZone() ?? "UTC";
  const time = formatTime(searched.to, timeZone);
  return (
    <>
      <Group className={classes.bar} gap="sm" justify="space-between" wrap="nowrap">
        <Group gap="2px 10px" miw={0}>
          {isRunning ? <Loader size={14} aria-hidden /> : <IconPlayerStopFilled size={14} aria-hidden />}
          <Text size="sm" fw={500} role="status">
            {t(isRunning ? "running" : "stopped")}
          </Text>
          <Text size="sm" c="dimmed" className={classes.progress}>
            {t(searched.isOlderNext ? "older" : "newer", { time })}
            {" · "}
            {t("found", { count: found })}
          </Text>
        </Group>
        {isRunning ? (
          <Button size="compact-sm" variant="default" leftSection={<IconPlayerStopFilled size={13} />} onClick={onStop}>
            {t("stop")}
          </Button>
        ) : (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconPlayerPlayFilled size={13} />}
            onClick={onContinue}
          >
            {t("continue")}
          </Button>
        )}
      </Group>
      {!isRunning && found === 0 && (
        <EmptyState
          icon={<IconSearch stroke={1.6} />}
          py={56}
          title={t("foundNone")}
          description={t("foundNoneHint")}
        />
      )}
    </>
  );
}
