"use client";

import { Box, Button, Group, NumberInput, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { type RouterOutputs, useTRPC } from "@/components/trpc";
import { Fact } from "@/components/ui/fact";
import { notifyDone } from "@/components/ui/notify";
import { QueryError } from "@/components/ui/query-error";
import { formatTime } from "@/components/ui/time";
import { useErrorText } from "@/components/ui/use-error-text";
import { useNumbers } from "@/components/ui/use-numbers";

export type RetentionPolicy = RouterOutputs["retention"]["policies"][number];

const PAUSE_MS = 400;

/** Changes a retention, with a preview of the next cleanup. One that deletes more is confirmed by name. */
export function PolicyForm({ policy, onDone }: { policy: RetentionPolicy; onDone: () => void }) {
  const t = useTranslations("cleanup");
  const tCommon = useTranslations("common");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const { id, max_days: max } = policy;
  const [typed, setTyped] = useState<number | string>(policy.days);
  const [name, setName] = useState("");
  const days = typeof typed === "number" && Number.isInteger(typed) && typed >= 0 && typed <= max ? typed : undefined;
  const [settled] = useDebouncedValue(days, PAUSE_MS);
  const preview = useQuery(
    trpc.retention.previewPolicy.queryOptions(
      { id, days: settled ?? 0 },
      { enabled: settled !== undefined, staleTime: 30_000 },
    ),
  );
  const saved = {
    onSuccess: () => {
      notifyDone(t("policyForm.saved", { what: t(`types.${id}`) }));
      onDone();
    },
    onSettled: () => {
      void queryClient.invalidateQueries(trpc.retention.policies.pathFilter());
      void queryClient.invalidateQueries(trpc.retention.outlook.pathFilter());
    },
  };
  const change = useMutation(trpc.retention.changePolicy.mutationOptions(saved));
  const reset = useMutation(trpc.retention.resetPolicy.mutationOptions(saved));
  const isCurrent = settled === days && preview.data !== undefined && preview.data.days === days;
  const deletes = isCurrent && preview.data.matched_count > 0;
  const isShorter = days !== undefined && days !== policy.days && (policy.days === 0 || days < policy.days);
  const mustConfirm = deletes && isShorter && id !== "exports";
  const mayBeSaved = days !== undefined && days !== policy.days && isCurrent && (!mustConfirm || name.trim() === id);
  const error = change.error ?? reset.error;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (mayBeSaved) change.mutate({ id, days });
  };

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <NumberInput
          label={t("policyForm.days")}
          description={t(`policyForm.hint.${id === "exports" || id === "archives" ? id : "rows"}`)}
          value={typed}
          onChange={setTyped}
          error={days === undefined && t("manual.daysWrong", { max })}
          allowDecimal={false}
          allowNegative={false}
          clampBehavior="none"
          hideControls
          data-autofocus
        />
        <Box mih={96} role="status" aria-busy={!isCurrent} data-testid="policy-preview">
          {days !== undefined && !isCurrent && !preview.error && (
            <Text size="sm" c="dimmed">
              {t("policyForm.counting")}
            </Text>
          )}
          {isCurrent && <PolicyPreview preview={preview.data} />}
          {settled === days && <QueryError query={preview} />}
        </Box>
        {mustConfirm && (
          <TextInput
            label={t("confirm.type", { name: id })}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
          />
        )}
        {error && (
          <Text size="sm" c="var(--app-bad)" role="alert">
            {errorText(error)}
          </Text>
        )}
        <Group justify="space-between" gap="xs">
          <Button
            variant="subtle"
            color="gray"
            disabled={policy.source === "environment"}
            loading={reset.isPending}
            onClick={() => reset.mutate({ id })}
          >
            {t("policyForm.reset", { days: policy.default_days })}
          </Button>
          <Group gap="xs">
            <Button variant="default" onClick={onDone}>
              {tCommon("cancel")}
            </Button>
            <Button
              type="submit"
              color={mustConfirm ? "red" : undefined}
              disabled={!mayBeSaved}
              loading={change.isPending}
            >
              {t("policyForm.save")}
            </Button>
          </Group>
        </Group>
        <Text size="xs" c="dimmed">
          {t("policyForm.source", { variable: policy.variable })}
        </Text>
      </Stack>
    </form>
  );
}

function PolicyPreview({ preview }: { preview: RouterOutputs["retention"]["previewPolicy"] }) {
  const t = useTranslations("cleanup");
  const { bytes } = useNumbers();
  const timeZone = useTimeZone() ?? "UTC";
  const time = (at: string | null) => (at === null ? "–" : formatTime(at, timeZone));
  const { matched_count: count, next_run_at: next } = preview;
  return (
    <>
      <Text size="sm" mb="xs">
        {next === null ? t("policyForm.noRun") : t("policyForm.nextRun", { time: time(next) })}
      </Text>
      <SimpleGrid cols={2} spacing="sm" verticalSpacing="xs">
        <Fact
          label={t("preview.matched")}
          value={count === 0 ? t("policies.nothing") : t(`policies.${preview.unit}`, { count })}
        />
        <Fact label={t("policies.size")} value={count === 0 ? "–" : bytes(preview.matched_bytes)} />
        <Fact label={t("preview.oldest")} value={time(preview.oldest)} />
        <Fact label={t("preview.newest")} value={time(preview.newest)} />
      </SimpleGrid>
    </>
  );
}
