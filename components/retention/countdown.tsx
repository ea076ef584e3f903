"use client";

import { Button, Group, RingProgress, Stack, Text } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { useEffect, useEffectEvent, useState } from "react";
import type { CleanupChoice } from "./cleanup-choice";

const SECONDS = 10;
const TICK_MS = 200;
/** A background tab ticks once a second; a suspended machine resumes later than this. */
const LATE_MS = 5_000;

interface Props {
  choice: CleanupChoice;
  isStarting: boolean;
  onUndo: () => void;
  /** @param late the countdown ended long before the page noticed */
  onOver: (late: boolean) => void;
}

/** The countdown of ten seconds before a cleanup, with an undo button. */
export function Countdown({ choice, isStarting, onUndo, onOver }: Props) {
  const t = useTranslations("cleanup");
  const [end] = useState(() => Date.now() + SECONDS * 1_000);
  const [left, setLeft] = useState(SECONDS * 1_000);
  const over = useEffectEvent(onOver);
  useEffect(() => {
    const timer = setInterval(() => {
      const rest = end - Date.now();
      setLeft(Math.max(0, rest));
      if (rest > 0) return;
      clearInterval(timer);
      over(rest < -LATE_MS);
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [end]);
  const seconds = Math.ceil(left / 1_000);
  const what = t(`types.${choice.task_type}`);
  return (
    <Group gap="md" wrap="nowrap" align="center" data-testid="countdown">
      <RingProgress
        size={64}
        thickness={6}
        roundCaps
        sections={[{ value: (left / (SECONDS * 1_000)) * 100, color: "red" }]}
        label={
          <Text ta="center" fw={700}>
            {seconds}
          </Text>
        }
        aria-hidden
      />
      <Stack gap={8} style={{ flex: 1 }}>
        <Text fw={600}>{isStarting ? t("undo.starting") : t("undo.title", { what, seconds })}</Text>
        <Text size="sm" c="dimmed" role="alert">
          {t("undo.body")}
        </Text>
        <div>
          <Button
            leftSection={<IconArrowBackUp size={17} />}
            disabled={isStarting || seconds === 0}
            onClick={onUndo}
            autoFocus
          >
            {t("undo.undo")}
          </Button>
        </div>
      </Stack>
    </Group>
  );
}
