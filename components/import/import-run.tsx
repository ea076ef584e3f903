"use client";

import { useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { useMemo, useState } from "react";
import { LOG_TABLE_NAMES, type LogTableName, logTables } from "@/server/catalog";
import { detectFormat, type IntakeFormat } from "@/server/catalog/formats";
import { ImportChoices } from "./import-choices";
import { ImportProgress } from "./import-progress";
import { ImportResultPanel } from "./import-result-panel";
import { guessTable, previewRecords } from "./preview";
import { PreviewTable } from "./preview-table";
import type { Sample } from "./sample";
import type { ImportMode } from "./upload";
import { useUpload } from "./use-upload";

interface Props {
  file: File;
  sample: Sample;
  onLeave: () => void;
}

export interface Choices {
  table: LogTableName;
  format: IntakeFormat;
  mode: ImportMode;
}

/** Choices and preview, then progress, then the result. */
export function ImportRun({ file, sample, onLeave }: Props) {
  const t = useTranslations("import");
  const askedName = useSearchParams().get("table");
  const asked = LOG_TABLE_NAMES.find((name) => name === askedName);
  const [choices, setChoices] = useState<Choices>(() => firstChoices(sample, asked));
  const table = logTables[choices.table];
  const records = useMemo(() => previewRecords(sample.text, choices.format, table), [sample, choices.format, table]);
  const { state, start, cancel, reset } = useUpload();
  const fault = choices.format === "combined" && !table.acceptsLogLines ? t("wrongTable") : null;

  if (state.phase === "ended" && state.outcome.kind === "done") {
    return <ImportResultPanel table={table} result={state.outcome.result} mode={choices.mode} onAgain={onLeave} />;
  }
  return (
    <>
      <ImportChoices choices={choices} onChange={setChoices} disabled={state.phase === "sending"} fault={fault} />
      <ImportProgress
        state={state}
        file={file}
        canStart={fault === null}
        onStart={() => {
          reset();
          void start({ file, path: table.path, format: choices.format, isGzip: sample.isGzip, mode: choices.mode });
        }}
        onCancel={cancel}
      />
      {!fault && <PreviewTable records={records} table={table} />}
    </>
  );
}

function firstChoices(sample: Sample, asked: LogTableName | undefined): Choices {
  const format = detectFormat(sample.text) ?? "ndjson";
  return { format, table: guessTable(sample.text, format) ?? asked ?? LOG_TABLE_NAMES[0], mode: "direct" };
}
