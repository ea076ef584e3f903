"use client";

import { Box, Button, Group, NativeSelect, SimpleGrid, Skeleton, Switch, Text, TextInput, Title } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/components/trpc";
import { Panel } from "@/components/ui/panel";
import { QueryError } from "@/components/ui/query-error";
import { useFocusAfter } from "@/components/ui/use-focus-after";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { CleanupChoice, Preview } from "./cleanup-choice";
import { ConfirmForm } from "./confirm-form";
import { Countdown } from "./countdown";
import { PreviewView } from "./preview-view";
import { BusyAlert, useStartCleanup } from "./use-start-cleanup";

const TYPES = [...LOG_TABLE_NAMES, "exports"] as const;
const MAX_DAYS = 3650;

/** Undefined if the text is not a valid number of days. */
function readDays(text: string): number | undefined {
  const days = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  return days <= MAX_DAYS ? days : undefined;
}

/** Returns the cleanup that a link of the Storage page proposes. It is previewed, and started only when confirmed. */
function useLinkedChoice(): CleanupChoice | null {
  const query = useSearchParams();
  const task_type = TYPES.find((type) => type === query.get("clean"));
  const days = readDays(query.get("days") ?? "");
  return task_type === undefined || days === undefined ? null : { task_type, days_to_keep: days, archive: true };
}

/** Manual cleanup: choose, preview, confirm by name, ten seconds to undo. */
export function ManualPanel() {
  const t = useTranslations("cleanup");
  const trpc = useTRPC();
  const outlook = useQuery(trpc.retention.outlook.queryOptions(undefined, { staleTime: 60_000 }));
  const linked = useLinkedChoice();
  const [type, setType] = useState<CleanupChoice["task_type"]>(linked?.task_type ?? "access_logs");
  const [typedDays, setTypedDays] = useState<string | null>(linked ? String(linked.days_to_keep) : null);
  const [archive, setArchive] = useState(true);
  const [previewed, setPreviewed] = useState<CleanupChoice | null>(linked);
  const { waiting, begin, undo, go, isStarting, busy } = useStartCleanup();

  const policy = outlook.data?.policies.find((one) => one.task_type === type);
  const daysText = typedDays ?? String(policy?.days_to_keep ?? "");
  const days = readDays(daysText);
  const hasArchive = type !== "exports";
  const preview = useQuery(
    trpc.retention.preview.queryOptions(previewed ?? { task_type: type, days_to_keep: 0, archive }, {
      enabled: previewed !== null,
      gcTime: 0,
    }),
  );
  const previewButton = useFocusAfter(waiting !== null || preview.isFetching);
  const change = (apply: () => void) => {
    apply();
    setPreviewed(null);
  };

  const confirm = (choice: CleanupChoice, shown: Preview) => {
    const modalId = "confirm-cleanup";
    modals.open({
      modalId,
      title: t("confirm.title", { what: t(`types.${choice.task_type}`) }),
      children: (
        <ConfirmForm
          choice={choice}
          preview={shown}
          onConfirm={() => {
            modals.close(modalId);
            setPreviewed(null);
            begin(choice);
          }}
        />
      ),
    });
  };

  return (
    <Panel mb="lg" p={{ base: "md", sm: "lg" }} aria-labelledby="manual">
      <Title order={2} id="manual">
        {t("manual.title")}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {t("manual.hint")}
      </Text>
      {busy && <BusyAlert busy={busy} />}
      {waiting ? (
        <Countdown choice={waiting} onUndo={undo} onOver={go} isStarting={isStarting} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (days !== undefined)
              setPreviewed({ task_type: type, days_to_keep: days, archive: hasArchive && archive });
          }}
        >
          <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="md">
            <NativeSelect
              label={t("manual.what")}
              data={TYPES.map((value) => ({ value, label: t(`types.${value}`) }))}
              value={type}
              onChange={({ currentTarget: { value } }) =>
                change(() => {
                  setType(TYPES.find((known) => known === value) ?? "access_logs");
                  setTypedDays(null);
                })
              }
            />
            <TextInput
              label={t("manual.days")}
              description={t("manual.daysHint")}
              inputWrapperOrder={["label", "input", "error", "description"]}
              inputMode="numeric"
              autoComplete="off"
              value={daysText}
              error={daysText !== "" && days === undefined && t("manual.daysWrong", { max: MAX_DAYS })}
              onChange={(event) => {
                const { value } = event.currentTarget;
                change(() => setTypedDays(value));
              }}
            />
            {hasArchive && (
              <Box pt={{ base: 0, sm: 30 }}>
                <Switch
                  label={t("manual.archive")}
                  description={archive ? undefined : t("manual.archiveOff")}
                  checked={archive}
                  onChange={(event) => {
                    const { checked } = event.currentTarget;
                    change(() => setArchive(checked));
                  }}
                />
              </Box>
            )}
          </SimpleGrid>
          <Button
            ref={previewButton}
            type="submit"
            variant="default"
            mt="md"
            loading={preview.isFetching}
            disabled={days === undefined}
          >
            {t("manual.preview")}
          </Button>
        </form>
      )}
      {previewed !== null && preview.isPending && <Skeleton h={240} mt="lg" />}
      {previewed !== null && !preview.isFetching && <QueryError query={preview} mt="lg" />}
      {previewed !== null && preview.data && !preview.isFetching && (
        <Box mt="lg" data-testid="preview">
          {preview.data.matched_count === 0 ? (
            <Text role="status">{t("manual.nothing", { days: previewed.days_to_keep })}</Text>
          ) : (
            <PreviewView preview={preview.data} />
          )}
          {preview.data.matched_count > 0 && (
            <Group mt="md">
              <Button color="red" onClick={() => confirm(previewed, preview.data)}>
                {t("manual.start")}
              </Button>
            </Group>
          )}
        </Box>
      )}
    </Panel>
  );
}
