"use client";

import { Button, EmptyState, Group, Loader, Skeleton, Text } from "@mantine/core";
import { IconCalendarOff, IconCircleCheck, IconClockPause, IconDatabaseOff } from "@tabler/icons-react";
import { useFormatter, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Failed } from "../result/states";
import classes from "./changes.module.css";
import { baselineOf, type ChangesWindow } from "./changes-window";
import type { ChangesAnswer } from "./types";
import type { useChanges } from "./use-changes";

/** Fewer rows cannot be compared (server/services/explore/changes/assess.ts). */
const MIN_BEFORE = 30;
const MIN_NOW = 10;
/** Growth that is worth a sentence. */
const MIN_GROWTH = 0.1;

interface Props {
  changes: ReturnType<typeof useChanges>;
  window: ChangesWindow;
  isFuture: boolean;
  /** The baseline's time. */
  period: string;
}

/** The panel without causes: still comparing, failed, nothing to compare, or nothing that stands out. */
export function ChangesState({ changes, window, isFuture, period }: Props) {
  const t = useTranslations("changes");
  const { data, error, isFetching, isStopped } = changes;
  if (isFuture)
    return <Empty icon={<IconClockPause stroke={1.6} />} title={t("future.title")} text={t("future.text")} />;
  if (isStopped || (error && !isFetching)) return <Failed answer={changes} />;
  if (!data) return <Comparing onCancel={changes.cancel} />;
  const { rows_now: now, rows_before: before } = data;
  if (now === 0)
    return <Empty icon={<IconDatabaseOff stroke={1.6} />} title={t("empty.title")} text={t("empty.text")} />;
  if (before === 0)
    return (
      <Empty
        icon={<IconCalendarOff stroke={1.6} />}
        title={t("noBaseline.title")}
        text={t("noBaseline.text", { period })}
      />
    );
  if (now < MIN_NOW || before < MIN_BEFORE)
    return (
      <Empty
        icon={<IconCalendarOff stroke={1.6} />}
        title={t("few.title")}
        text={t("few.text", { now, before, minNow: MIN_NOW, minBefore: MIN_BEFORE })}
      />
    );
  return <NothingStandsOut answer={data} window={window} />;
}

function NothingStandsOut({ answer, window }: { answer: ChangesAnswer; window: ChangesWindow }) {
  const t = useTranslations("changes.none");
  const format = useFormatter();
  const { from, to } = baselineOf(window);
  const growth = answer.rows_now / (window.to - window.from) / (answer.rows_before / (to - from)) - 1;
  const change = format.number(Math.abs(growth), { style: "percent", maximumFractionDigits: 0 });
  const key = growth >= MIN_GROWTH ? "grown" : growth <= -MIN_GROWTH ? "fallen" : null;
  return (
    <Empty
      icon={<IconCircleCheck stroke={1.6} />}
      title={t("title")}
      text={t("text", { now: answer.rows_now, before: answer.rows_before })}
    >
      {key && <Text size="sm">{t(key, { change })}</Text>}
    </Empty>
  );
}

function Comparing({ onCancel }: { onCancel: () => void }) {
  const t = useTranslations("changes");
  return (
    <>
      <Group gap="sm" mt="sm" role="status">
        <Loader size={16} />
        <Text size="sm">{t("running")}</Text>
        <Button size="compact-sm" variant="default" onClick={onCancel}>
          {t("cancel")}
        </Button>
      </Group>
      <div className={classes.skeleton} aria-hidden>
        {[0, 1, 2].map((line) => (
          <div key={line}>
            <Skeleton h={12} w="30%" mb={8} />
            <Skeleton h={16} w="70%" mb={8} />
            <Skeleton h={34} />
          </div>
        ))}
      </div>
    </>
  );
}

interface EmptyProps {
  icon: ReactNode;
  title: string;
  text: string;
  children?: ReactNode;
}

function Empty({ icon, title, text, children }: EmptyProps) {
  return (
    <EmptyState icon={icon} size="sm" align="left" py="lg" title={title} description={text} role="status">
      {children}
    </EmptyState>
  );
}
