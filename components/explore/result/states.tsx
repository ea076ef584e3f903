"use client";

import { Alert, Button, EmptyState, Group, Loader, Skeleton, Stack, Text } from "@mantine/core";
import { IconFilterOff, IconHandStop, IconHourglass } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { isPermanentRefusal, refusalOf } from "../../ui/error-code";
import { ErrorState } from "../../ui/error-state";
import { useDuration } from "../../ui/use-duration";
import type { ExploreQuestion } from "../state";
import { type Answer, expectedSeconds } from "./use-answer";

const SLOW_MS = 2_000;

/** Placeholder as high as a chart with its table. */
export function AnswerSkeleton({ height, hasTable }: { height: number; hasTable: boolean }) {
  return (
    <Stack gap="md" aria-hidden>
      <Skeleton h={height} />
      {hasTable && [0, 1, 2, 3, 4, 5].map((line) => <Skeleton key={line} h={20} />)}
    </Stack>
  );
}

/** The elapsed time of a query that runs for more than two seconds, with a button to cancel it. */
export function Running({ isRunning, onCancel }: { isRunning: boolean; onCancel: () => void }) {
  const t = useTranslations("explore.slow");
  const duration = useDuration();
  const [elapsed, setElapsed] = useState(0);
  useEffect(() => {
    if (!isRunning) return;
    const started = Date.now();
    const timer = setInterval(() => setElapsed(Date.now() - started), 1_000);
    return () => {
      clearInterval(timer);
      setElapsed(0);
    };
  }, [isRunning]);
  if (!isRunning || elapsed < SLOW_MS) return null;
  return (
    <Group gap="sm" role="status">
      <Loader size={16} />
      <Text size="sm" style={{ fontVariantNumeric: "tabular-nums" }}>
        {t("running", { duration: duration(elapsed / 1_000) })}
      </Text>
      <Button size="compact-sm" variant="default" onClick={onCancel}>
        {t("cancel")}
      </Button>
    </Group>
  );
}

/** A query without an answer. */
interface Unanswered extends Pick<Answer, "error" | "isStopped" | "isFetching" | "again"> {
  readonly refetch: () => unknown;
  /** Undefined for queries that are never refused as slow. */
  readonly runSlow?: () => void;
}

/** The state of a query without an answer: refused as slow, cancelled, or failed. */
export function Failed({ answer }: { answer: Unanswered }) {
  const t = useTranslations("explore");
  const duration = useDuration();
  const seconds = expectedSeconds(answer.error);
  if (answer.isStopped)
    return (
      <EmptyState icon={<IconHandStop stroke={1.6} />} py={40} title={t("slow.stopped")}>
        <EmptyState.Actions>
          <Button variant="default" onClick={answer.again}>
            {t("slow.again")}
          </Button>
        </EmptyState.Actions>
      </EmptyState>
    );
  if (seconds !== null)
    return (
      <Alert color="orange" variant="light" icon={<IconHourglass aria-hidden />} title={t("slow.title")} role="alert">
        {t("slow.text", { duration: duration(seconds) })}
        {answer.runSlow && (
          <div>
            <Button mt="sm" size="xs" onClick={answer.runSlow}>
              {t("slow.run")}
            </Button>
          </div>
        )}
      </Alert>
    );
  const isEngine = refusalOf(answer.error)?.code === "columnar.unavailable";
  return (
    <ErrorState
      error={answer.error}
      reason={isEngine ? t("noEngine") : undefined}
      onRetry={isPermanentRefusal(answer.error) ? undefined : () => answer.refetch()}
      retrying={answer.isFetching}
    />
  );
}

interface EmptyProps {
  question: ExploreQuestion;
  onChange?: (next: ExploreQuestion) => void;
}

/** Nothing matches: what to change. */
export function NoAnswer({ question, onChange }: EmptyProps) {
  const t = useTranslations("explore.empty");
  return (
    <EmptyState icon={<IconFilterOff stroke={1.6} />} py={40} title={t("title")} description={t("hint")}>
      {onChange && (
        <EmptyState.Actions>
          {question.range !== null && (
            <Button onClick={() => onChange({ ...question, range: null, compare: false })}>{t("widen")}</Button>
          )}
          {!question.archived && (
            <Button variant="default" onClick={() => onChange({ ...question, archived: true })}>
              {t("archives")}
            </Button>
          )}
          {Object.keys(question.filters).length > 0 && (
            <Button variant="default" onClick={() => onChange({ ...question, filters: {} })}>
              {t("clear")}
            </Button>
          )}
        </EmptyState.Actions>
      )}
    </EmptyState>
  );
}
