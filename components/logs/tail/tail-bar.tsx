"use client";

import { Button, CloseButton, Group, Text } from "@mantine/core";
import { IconArrowUp, IconPlayerPauseFilled, IconPlayerPlayFilled } from "@tabler/icons-react";
import { useFormatter, useTranslations } from "next-intl";
import { useStreamsFull } from "../../live/use-streams-full";
import classes from "./tail-bar.module.css";

/** Why new rows wait, or null while they come in. */
export type HoldReason = "button" | "scrolled" | "pointed" | "opened" | null;

interface Props {
  hold: HoldReason;
  connection: "live" | "lost" | "back";
  waitingCount: number;
  skipped: number;
  onPause: (paused: boolean) => void;
  onShow: () => void;
  onStop: () => void;
}

/** What the live tail does: whether rows come in or wait and why, how many, and what was left out. */
export function TailBar({ hold, connection, waitingCount, skipped, onPause, onShow, onStop }: Props) {
  const t = useTranslations("logs.tail");
  const format = useFormatter();
  const state = connection === "lost" ? "lost" : hold ? "held" : "live";
  const isFull = useStreamsFull(connection === "lost");
  const isPaused = hold === "button";
  return (
    <Group className={classes.bar} data-state={state} gap="sm" justify="space-between">
      <Group gap={8} wrap="nowrap" miw={0}>
        <span className={classes.dot} aria-hidden />
        <Text size="sm" role="status">
          {connection === "lost"
            ? t(isFull ? "full" : "lost")
            : hold
              ? t(`hold.${hold}`)
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
