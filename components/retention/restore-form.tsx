"use client";

import { Button, Group, Radio, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { TimeField } from "@/components/time-range/time-field";
import { readTypedTime } from "@/components/time-range/typed-time";
import { useTRPC } from "@/components/trpc";
import { conflictingJobOf } from "@/components/ui/error-code";
import { formatTime } from "@/components/ui/time";
import { useErrorText } from "@/components/ui/use-error-text";
import { parseRangeStart } from "@/server/lib/time";
import type { Archive } from "./archive";
import { BusyAlert } from "./use-start-cleanup";

const DAYS_KEPT = 30;
const DAY_MS = 86_400_000;

interface Errors {
  from?: string;
  to?: string;
  until?: string;
}

/** Returns the suggested last day on which restored rows are kept. */
export function defaultKeepUntil(timeZone: string): string {
  return formatTime(new Date(Date.now() + DAYS_KEPT * DAY_MS).toISOString(), timeZone).slice(0, 10);
}

/** Starts a restore: the entire archive or a time range, and until when scheduled cleanups skip the rows. */
export function RestoreForm({ archive, onStarted }: { archive: Archive; onStarted: () => void }) {
  const t = useTranslations("cleanup.archives");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const timeZone = useTimeZone() ?? "UTC";
  const [which, setWhich] = useState("entire");
  const [texts, setTexts] = useState(() => ({
    from: formatTime(archive.first_time, timeZone),
    to: formatTime(archive.last_time, timeZone),
    until: defaultKeepUntil(timeZone),
  }));
  const [errors, setErrors] = useState<Errors>({});
  const [busy, setBusy] = useState<string | null>(null);
  const restore = useMutation(
    trpc.retention.restore.mutationOptions({
      onSuccess: onStarted,
      onError: (error) => setBusy(conflictingJobOf(error)),
      onSettled: () => queryClient.invalidateQueries(trpc.retention.pathFilter()),
    }),
  );

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const read = (text: string) => readTypedTime(text, Date.now(), timeZone)?.text;
    const moment = (text: string) => Date.parse(parseRangeStart(text, timeZone) ?? "");
    const until = read(texts.until);
    const range = which === "timeRange" ? { from: read(texts.from), to: read(texts.to) } : null;
    const wrong: Errors = {};
    if (until === undefined) wrong.until = t("notATime");
    else if (moment(until) <= Date.now()) wrong.until = t("past");
    if (range && range.from === undefined) wrong.from = t("notATime");
    if (range && range.to === undefined) wrong.to = t("notATime");
    if (range?.from !== undefined && range.to !== undefined && moment(range.from) > moment(range.to))
      wrong.to = t("order");
    setErrors(wrong);
    if (Object.keys(wrong).length > 0) return;
    restore.mutate({ archive_id: archive.id, start_date: range?.from, end_date: range?.to, keep_until: until });
  };

  const field = (name: keyof typeof texts, label: string) => (
    <TimeField
      label={label}
      placeholder={t("placeholder")}
      value={texts[name]}
      error={errors[name]}
      onChange={(value) => {
        setTexts({ ...texts, [name]: value });
        setErrors({});
      }}
    />
  );

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {busy !== null && <BusyAlert busy={busy} />}
        <Radio.Group label={t("which")} value={which} onChange={setWhich}>
          <Stack gap="xs" mt="xs">
            <Radio value="entire" label={t("entire")} />
            <Radio value="timeRange" label={t("timeRange")} />
          </Stack>
        </Radio.Group>
        {which === "timeRange" && (
          <>
            {field("from", t("from"))}
            {field("to", t("to"))}
          </>
        )}
        <div>
          {field("until", t("until"))}
          <Text size="xs" c="dimmed" mt={4}>
            {t("untilHint")}
          </Text>
        </div>
        {restore.error && busy === null && (
          <Text size="sm" c="var(--app-bad)" role="alert">
            {errorText(restore.error)}
          </Text>
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={restore.isPending}>
            {t("submit")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
