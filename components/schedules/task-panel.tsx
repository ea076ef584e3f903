"use client";

import { Badge, Button, Group, Switch, Text, Title } from "@mantine/core";
import { IconPencil, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useEffect, useId, useState } from "react";
import { useMay } from "@/components/session";
import { useTRPC } from "@/components/trpc";
import { Panel } from "@/components/ui/panel";
import { useFocusAfter } from "@/components/ui/use-focus-after";
import { Tooltip } from "../ui/tooltip";
import { DurationTrend } from "./duration-trend";
import type { Task } from "./task";
import { TaskFacts } from "./task-facts";
import { TaskHistory } from "./task-history";
import classes from "./task-panel.module.css";
import { useTaskActions } from "./use-task-actions";

const RUNS = 30;

/** One scheduled task. @param now when its state was read, milliseconds since 1970 */
export function TaskPanel({ task, now }: { task: Task; now: number }) {
  const t = useTranslations();
  const id = useId();
  const trpc = useTRPC();
  const mayChange = useMay("scheduled-tasks");
  const [isOpen, setIsOpen] = useState(false);
  const name = t(`tasks.names.${task.name}`);
  const { runNow, startedJobId, isStarting, setEnabled, edit, isPending } = useTaskActions(task);
  const isRunning = task.last_run !== null && task.last_run.finished_at === null;
  // A scheduled run does not move the focus.
  const runButton = useFocusAfter(isStarting || (isRunning && task.last_run?.job_id === startedJobId));
  const runs = useQuery(trpc.schedules.runs.queryOptions({ name: task.name, limit: RUNS }));
  const { refetch } = runs;
  const lastRun = `${task.last_run?.job_id} ${task.last_run?.status}`;
  useEffect(() => {
    if (lastRun !== "") void refetch();
  }, [lastRun, refetch]);

  return (
    <Panel p={{ base: "md", sm: "lg" }} id={task.name} aria-labelledby={id} data-task={task.name}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <div style={{ flex: "1 1 260px" }}>
          <Group gap="xs">
            <Title order={2} id={id}>
              {name}
            </Title>
            {!task.enabled && (
              <Badge color="gray" variant="light" tt="none">
                {t("tasks.disabled")}
              </Badge>
            )}
            {task.missed_runs > 0 && (
              <Tooltip label={t("tasks.missedHint")}>
                <Badge color="orange" variant="light" tt="none">
                  {t(task.missed_runs_is_exact ? "tasks.missed" : "tasks.missedOrMore", { count: task.missed_runs })}
                </Badge>
              </Tooltip>
            )}
          </Group>
          <Text size="sm" c="dimmed">
            {t(`tasks.about.${task.name}`)}
          </Text>
        </div>
        {mayChange && (
          <Group gap="xs">
            <Switch
              checked={task.enabled}
              disabled={isPending}
              aria-label={t("tasks.enabledLabel", { task: name })}
              mr={4}
              onChange={(event) => setEnabled(event.currentTarget.checked)}
            />
            <Button size="xs" variant="default" leftSection={<IconPencil size={15} />} onClick={edit}>
              {t("tasks.edit")}
            </Button>
            <Button
              ref={runButton}
              size="xs"
              variant="default"
              leftSection={<IconPlayerPlay size={15} />}
              loading={isRunning || isPending}
              onClick={runNow}
            >
              {t("tasks.runNow")}
            </Button>
          </Group>
        )}
      </Group>
      <div className={classes.facts}>
        <TaskFacts task={task} now={now} />
        <DurationTrend runs={runs.data ?? null} task={name} />
      </div>
      <Button
        variant="subtle"
        color="gray"
        size="compact-xs"
        mt="sm"
        ml={-8}
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
      >
        {isOpen ? t("tasks.hideHistory") : t("tasks.showHistory")}
      </Button>
      {isOpen && <TaskHistory runs={runs} task={task.name} />}
    </Panel>
  );
}
