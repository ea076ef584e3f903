"use client";

import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { TimeField } from "@/components/time-range/time-field";
import { readTypedTime } from "@/components/time-range/typed-time";
import { useTRPC } from "@/components/trpc";
import { conflictingJobOf } from "@/components/ui/error-code";
import { useErrorText } from "@/components/ui/use-error-text";
import type { LogTableName } from "@/server/catalog";
import { parseRangeEnd } from "@/server/lib/time";
import { defaultKeepUntil } from "./restore-form";
import { BusyAlert } from "./use-start-cleanup";

/** Chosen archives, or all rows of a month of the console's time zone. */
export type RestoreTarget =
  | { readonly ids: readonly string[] }
  | {
      readonly month: string;
      readonly table: LogTableName | undefined;
      /** The number of its archives whose file was deleted. */
      readonly deleted: number;
    };

/** Starts restores of several archives: one job for each table. */
export function RestoreSeveralForm({ target, onStarted }: { target: RestoreTarget; onStarted: () => void }) {
  const t = useTranslations("cleanup.archives");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const timeZone = useTimeZone() ?? "UTC";
  const [until, setUntil] = useState(() => defaultKeepUntil(timeZone));
  const [wrong, setWrong] = useState<string>();
  const [busy, setBusy] = useState<string | null>(null);
  const restore = useMutation(
    trpc.retention.restoreSeveral.mutationOptions({
      onSuccess: onStarted,
      onError: (error) => setBusy(conflictingJobOf(error)),
      onSettled: () => {
        void queryClient.invalidateQueries(trpc.retention.pathFilter());
        void queryClient.invalidateQueries(trpc.jobs.pathFilter());
      },
    }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const keep_until = readTypedTime(until, Date.now(), timeZone)?.text;
    if (keep_until === undefined) return setWrong(t("notATime"));
    if (Date.parse(parseRangeEnd(keep_until, timeZone) ?? "") <= Date.now()) return setWrong(t("past"));
    setBusy(null);
    restore.mutate({ ...inputOf(target), keep_until });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {busy !== null && <BusyAlert busy={busy} />}
        <Text size="sm">
          {"month" in target ? t("restoreMonthBody", { month: target.month, timeZone }) : t("restoreSeveralBody")}
        </Text>
        {"month" in target && target.deleted > 0 && (
          <Text size="sm" c="var(--app-warn)">
            {t("restoreDeleted", { count: target.deleted })}
          </Text>
        )}
        <div>
          <TimeField
            label={t("until")}
            placeholder={t("placeholder")}
            value={until}
            error={wrong}
            onChange={(value) => {
              setUntil(value);
              setWrong(undefined);
            }}
          />
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

function inputOf(target: RestoreTarget) {
  if ("ids" in target) return { archive_ids: [...target.ids] };
  const { month, table } = target;
  const last = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();
  return { table, start_date: `${month}-01`, end_date: `${month}-${last}` };
}
