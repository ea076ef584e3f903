"use client";

import { Button, CloseButton, Group, Text } from "@mantine/core";
import { IconArrowUp, IconPlayerPauseFilled, IconPlayerPlayFilled } from "@tabler/icons-react";
import { useFormatter, useTranslations } from "next-intl";
import { useStreamsFull } from "../../live/use-streams-full";
import classes from "./tail-bar.module.css";

/** Why the tail is paused; null while it runs. */
export type PauseReason = "button" | "scrolled" | "pointed" | "opened" | null;

interface Props {
  pauseReason: PauseReason;
  connection: "live" | "lost" | "back";
  waitingCount: number;
  skipped: number;
  onPause: (paused: boolean) => void;
  onShow: () => void;
  onStop: () => void;
}

/** The state of the live tail: running or paused and why, pending and skipped rows. */
export function TailBar({ pauseReason, connection, waitingCount, skipped, onPause, onShow, onStop }: Props) {
  const t = useTranslations("logs.tail");
  const format = useFormatter();
  const state = connection === "lost" ? "lost" : pauseReason ? "paused" : "live";
  const isFull = useStreamsFull(connection === "lost");
  const isPaused = pauseReason === "button";
  return (
    <Group className={classes.bar} data-state={state} gap="sm" justify="space-between">
      <Group gap={8} wrap="nowrap" miw={0}>
        <span className={classes.dot} aria-hidden />
        <Text size="sm" role="status">
          {connection === "lost"
            ? t(isFull ? "full" : "lost")
            : pauseReason
              ? t(`paused.${pauseReason}`)
              : connection === "back"
                ? t("back")
                : t("on")}
        </Text>
        {skipped > 0 && (
          <Text size="xs" c="dimmed">
            {t("skipped", { count: format.number(skipped) })}
          </Text>
        )}
      </Group>
      <Group gap={6} wrap="nowrap">
        {waitingCount > 0 && (
          <Button size="compact-sm" radius="xl" leftSection={<IconArrowUp size={14} />} onClick={onShow}>
            {t("waiting", { count: waitingCount })}
          </Button>
        )}
        <Button
          size="compact-sm"
          variant="default"
          leftSection={isPaused ? <IconPlayerPlayFilled size={13} /> : <IconPlayerPauseFilled size={13} />}
          onClick={() => onPause(!isPaused)}
        >
          {isPaused ? t("resume") : t("pause")}
        </Button>
        <CloseButton size="sm" aria-label={t("stop")} title={t("stop")} onClick={onStop} />
      </Group>
    </Group>
  );
}
