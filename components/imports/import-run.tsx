"use client";

import { Alert, Skeleton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useCodedError } from "@/components/ui/use-coded-error";
import { LOG_TABLE_NAMES, logTables } from "@/server/catalog";
import type { CodedError } from "@/server/catalog/errors";
import type { IntakeMode } from "@/server/trpc/root";
import type { Choices } from "./choices";
import { ImportChoices } from "./import-choices";
import { ImportProgress } from "./import-progress";
import { ImportResultPanel } from "./import-result-panel";
import { expressionOf, type MappingChoice } from "./mapping-choice";
import { MappingPanel } from "./mapping-panel";
import { PreviewTable } from "./preview-table";
import type { Sample } from "./sample";
import { type ImportPreview, type Reading, usePreview } from "./use-preview";
import { useUpload } from "./use-upload";

interface Props {
  file: File;
  sample: Sample;
  onLeave: () => void;
}

/** The pause after which a typed mapping is previewed. */
const TYPING_MS = 400;

/** Choices and preview, then progress, then the result. */
export function ImportRun({ file, sample, onLeave }: Props) {
  const t = useTranslations("import");
  const problemText = useCodedError();
  const requestedName = useSearchParams().get("table");
  const requestedTable = LOG_TABLE_NAMES.find((name) => name === requestedName);
  const [chosen, setChosen] = useState<Reading>({});
  const [mappingChoice, setMappingChoice] = useState<MappingChoice>({ kind: "auto" });
  const [map] = useDebouncedValue(expressionOf(mappingChoice), TYPING_MS);
  const [mode, setMode] = useState<IntakeMode>("direct");
  const { data: preview, error, isPlaceholderData } = usePreview(file, sample, { ...chosen, map }, requestedTable);
  const { state, start, cancel, reset } = useUpload();

  if (error) {
    return (
      <Alert color="red" icon={<IconAlertTriangle aria-hidden />} role="alert">
        {t("unreadable", { message: error.message })}
      </Alert>
    );
  }
  if (!preview) return <Skeleton h={320} role="status" aria-label={t("reading")} />;
  const choices = choicesOf(preview, chosen, mode);
  const { format, encoding } = choices;
  const table = logTables[choices.table];
  const isMappingWrong = preview.problem?.code.startsWith("mapping.") ?? false;
  const isCurrent = !isPlaceholderData && map === expressionOf(mappingChoice);
  if (state.phase === "ended" && state.outcome.kind === "done") {
    return <ImportResultPanel table={table} result={state.outcome.result} mode={mode} onAgain={onLeave} />;
  }
  const fault = faultOf(preview, choices, t, problemText);
  return (
    <>
      <ImportChoices
        choices={choices}
        onChange={({ mode: nextMode, ...reading }) => {
          setMode(nextMode);
          if (nextMode === mode) setChosen(reading);
        }}
        isEncodingGuessed={chosen.encoding === undefined && encoding !== "utf-8"}
        disabled={state.phase === "sending"}
        fault={isMappingWrong ? null : fault}
      />
      <MappingPanel
        choice={mappingChoice}
        onChange={(next) => {
          setMappingChoice(next);
          // The format depends on the mapping.
          setChosen(({ format: _, ...others }) => others);
        }}
        preview={preview}
        table={table}
        disabled={state.phase === "sending"}
        problem={isMappingWrong && isCurrent ? fault : null}
      />
      <ImportProgress
        state={state}
        file={file}
        canStart={fault === null && isCurrent}
        onStart={() => {
          reset();
          void start({
            file,
            path: table.path,
            format,
            encoding,
            map: map ?? preview.mapping ?? undefined,
            isGzip: sample.isGzip,
            mode,
          });
        }}
        onCancel={cancel}
      />
      {!fault && !isPlaceholderData && <PreviewTable records={preview.records} table={table} />}
    </>
  );
}

function choicesOf(preview: ImportPreview, chosen: Reading, mode: IntakeMode): Choices {
  const { table, format, encoding } = preview;
  return { table, format, encoding, ...chosen, mode };
}

function faultOf(
  preview: ImportPreview,
  choices: Choices,
  t: ReturnType<typeof useTranslations<"import">>,
  problemText: (problem: CodedError) => string,
) {
  if (choices.format === "combined" && !logTables[choices.table].acceptsLogLines) return t("wrongTable");
  if (preview.is_binary) return t("binary");
  return preview.problem === null ? null : problemText(preview.problem);
}
