"use client";

import { Box, Button, Group, List, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { useTRPC } from "@/components/trpc";
import { formatTime } from "@/components/ui/time";
import { useCodedError } from "@/components/ui/use-coded-error";
import { useErrorText } from "@/components/ui/use-error-text";
import { useScheduleText } from "./use-schedule-text";

interface Props {
  schedule: string;
  defaultSchedule: string;
  /** Null resets to the configured default. */
  onSave: (schedule: string | null) => void;
}

const EXAMPLES = ["*/5 * * * *", "0 * * * *", "0 2 * * *", "0 2 * * 0", "0 2 1 * *"];
/** Debounce while typing. */
const PAUSE_MS = 200;

/** Edits a schedule; shows it as text with the next three runs, or why it is invalid. */
export function ScheduleForm({ schedule, defaultSchedule, onSave }: Props) {
  const t = useTranslations("tasks");
  const trpc = useTRPC();
  const timeZone = useTimeZone() ?? "UTC";
  const scheduleText = useScheduleText();
  const problemText = useCodedError();
  const errorText = useErrorText();
  const [typed, setTyped] = useState(schedule);
  const [debounced] = useDebouncedValue(typed, PAUSE_MS);
  const preview = useQuery(trpc.schedules.preview.queryOptions({ schedule: debounced }));
  const isChecked = debounced === typed && preview.data !== undefined;
  const problem = isChecked ? preview.data.problem : null;
  const mayBeSaved = isChecked && problem === null;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (mayBeSaved) onSave(typed);
  };

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          label={t("cron")}
          description={t("cronHint", { timeZone })}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={problem && problemText(problem)}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
          autoComplete="off"
          spellCheck={false}
          maxLength={100}
          data-autofocus
        />
        <div>
          <Text size="xs" c="dimmed" mb={4}>
            {t("examples")}
          </Text>
          <Group gap={6}>
            {EXAMPLES.map((cron) => (
              <Button key={cron} variant="default" size="compact-xs" fw={400} onClick={() => setTyped(cron)}>
                {scheduleText(cron)}
              </Button>
            ))}
          </Group>
        </div>
        <Box mih={104} role="status">
          {mayBeSaved && (
            <>
              <Text size="sm" fw={600}>
                {scheduleText(typed)}
              </Text>
              <Text size="xs" c="dimmed" mt={6}>
                {t("nextRuns")}
              </Text>
              <List size="sm" data-testid="next-dues">
                {preview.data.next.map((at) => (
                  <List.Item key={at}>{formatTime(at, timeZone)}</List.Item>
                ))}
              </List>
            </>
          )}
          {!isChecked && !preview.error && (
            <Text size="sm" c="dimmed">
              {t("checking")}
            </Text>
          )}
          {preview.error && debounced === typed && (
            <Text size="sm" c="var(--app-bad)">
              {errorText(preview.error)}
            </Text>
          )}
        </Box>
        <Group justify="space-between">
          <Button variant="subtle" color="gray" disabled={schedule === defaultSchedule} onClick={() => onSave(null)}>
            {t("resetToDefault", { cron: defaultSchedule })}
          </Button>
          <Button type="submit" disabled={!mayBeSaved || typed.trim() === schedule}>
            {t("save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
