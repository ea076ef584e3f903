"use client";

import { Alert, Button, Skeleton, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconFileExport, IconInfoCircle, IconX } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useFormatter, useTranslations } from "next-intl";
import { EXPORT_CHOICES } from "@/server/catalog/export-formats";
import type { Job } from "../jobs/use-job-watch";
import { type RouterOutputs, useTRPC } from "../trpc";
import { errorCode } from "../ui/error-code";
import { useErrorText } from "../ui/use-error-text";
import { useFocusAfter } from "../ui/use-focus-after";
import { useNumbers } from "../ui/use-numbers";
import { type ExportChoices, exportParams, formatOf, tableOf } from "./export-choices";
import classes from "./export-form.module.css";
import { useStartExport } from "./use-start-export";

type Preview = RouterOutputs["exports"]["preview"];

const ICONS = { good: IconCheck, note: IconInfoCircle, bad: IconX } as const;
const FRESH_MS = 30_000;
/** Names of columns that fit beside the form. */
const SHOWN_NAMES = 8;

interface Props {
  choices: ExportChoices;
  /** The end of relative ranges. */
  now: number;
  running: readonly Job[];
}

/** The estimate of the chosen export, and the start button. */
export function ExportPreview({ choices, now, running }: Props) {
  const t = useTranslations();
  const trpc = useTRPC();
  const errorText = useErrorText();
  const start = useStartExport(running);
  const startButton = useFocusAfter(start.isPending);
  const { data, error, isFetching, isPlaceholderData, refetch } = useQuery(
    trpc.exports.preview.queryOptions(exportParams(choices, now), {
      placeholderData: keepPreviousData,
      staleTime: FRESH_MS,
      trpc: { abortOnUnmount: true },
    }),
  );
  const isRefused = error !== null && errorCode(error) === "REFUSED";
  const isImpossible = !isPlaceholderData && data !== undefined && (data.over_limit || data.fits_disk === false);

  return (
    <div className={classes.preview}>
      <Title order={3}>{t("exports.preview.title")}</Title>
      <div
        className={classes.figures}
        data-stale={isPlaceholderData || undefined}
        aria-live="polite"
        aria-busy={isFetching}
      >
        {error ? (
          <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} role="alert">
            {errorText(error)}
            {!isRefused && (
              <div>
                <Button size="xs" variant="default" mt="xs" onClick={() => refetch()} loading={isFetching}>
                  {t("common.retry")}
                </Button>
              </div>
            )}
          </Alert>
        ) : data ? (
          <Figures preview={data} choices={choices} />
        ) : (
          <>
            <Skeleton h={30} w={160} mb={8} />
            <Skeleton h={16} w={120} mb={14} />
            <Skeleton h={16} mb={8} />
            <Skeleton h={16} />
          </>
        )}
      </div>
      <Button
        ref={startButton}
        mt="auto"
        leftSection={<IconFileExport size={17} />}
        disabled={isRefused || isImpossible}
        loading={start.isPending}
        onClick={() => start.mutate(exportParams(choices, Date.now()))}
      >
        {t("exports.start")}
      </Button>
    </div>
  );
}

interface Check {
  readonly state: keyof typeof ICONS;
  readonly text: string;
}

function Figures({ preview, choices }: { preview: Preview; choices: ExportChoices }) {
  const t = useTranslations("exports.preview");
  const format = useFormatter();
  const { bytes } = useNumbers();
  const { row_count, row_count_is_exact, limit } = preview;
  const isReport = tableOf(choices.type) === null;
  const rows =
    row_count > limit
      ? t("moreThan", { count: format.number(limit) })
      : t(row_count_is_exact ? "rows" : "aboutRows", { count: row_count });
  const room: Check[] =
    preview.fits_disk === null
      ? []
      : [preview.fits_disk ? { state: "good", text: t("diskRoom") } : { state: "bad", text: t("noDiskRoom") }];

  function checksOf(): Check[] {
    if (isReport) return [{ state: "note", text: t("reportNote") }, ...room];
    // There will be no file, whose sheets or size would matter.
    if (preview.over_limit) return [{ state: "bad", text: t("overLimit", { limit: format.number(limit) }) }];
    return [
      { state: "good", text: t("withinLimit", { limit: format.number(limit) }) },
      ...sheetChecks(),
      ...jsonChecks(),
      ...(row_count === 0 ? [{ state: "note", text: t("noRows") } as const] : []),
      ...room,
    ];
  }

  function sheetChecks(): Check[] {
    if (!EXPORT_CHOICES[formatOf(choices)].hasSheets) return [];
    return preview.fits_excel ? [{ state: "good", text: t("oneSheet") }] : [{ state: "note", text: t("moreSheets") }];
  }

  function jsonChecks(): Check[] {
    if (choices.json === null) return [];
    const { json_columns: columns } = preview;
    if (columns === null) return [{ state: "note", text: t("jsonUnknown") }];
    const names = columns.slice(0, SHOWN_NAMES).map(({ name }) => name);
    if (columns.length > SHOWN_NAMES) names.push("…");
    return [
      { state: "note", text: t("jsonColumns", { count: columns.length, names: format.list(names, { type: "unit" }) }) },
    ];
  }

  return (
    <>
      <div className={classes.number} data-testid="preview-rows">
        {rows}
      </div>
      <Text size="sm" c="dimmed" data-testid="preview-bytes">
        {isReport ? t("reportRows") : !preview.over_limit && t("bytes", { size: bytes(preview.estimated_bytes) })}
      </Text>
      <ul className={classes.checks}>
        {checksOf().map(({ state, text }) => {
          const Glyph = ICONS[state];
          return (
            <li key={text} className={classes.check} data-state={state}>
              <Glyph size={15} stroke={2} aria-hidden />
              <span>{text}</span>
            </li>
          );
        })}
      </ul>
    </>
  );
}
