"use client";

import { Button } from "@mantine/core";
import { IconFileExport } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import Papa from "papaparse";
import { exportRows } from "./export-rows";
import type { ExploreQuestion } from "./state";
import type { ExploreAnswer } from "./types";

interface Props {
  question: ExploreQuestion;
  answer: ExploreAnswer | undefined;
}

/** Saves the displayed answer as a CSV file, with its others and its total. */
export function ExportMenu({ question, answer }: Props) {
  const t = useTranslations("explore.export");
  const explore = useTranslations("explore");
  const overview = useTranslations("overview");
  const timeZone = useTimeZone() ?? "UTC";
  const save = () => {
    if (!answer) return;
    const rows = exportRows(question, answer, timeZone, { others: overview("others"), total: explore("total") });
    // The mark lets Excel read it as UTF-8.
    const text = `\uFEFF${Papa.unparse(rows, { newline: "\r\n" })}\r\n`;
    const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `explore-${question.table}-${answer.as_of.slice(0, 19).replace(/[:T]/g, "-")}.csv`;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <Button
      variant="default"
      leftSection={<IconFileExport size={16} stroke={1.6} />}
      disabled={answer === undefined || answer.rows.length === 0}
      onClick={save}
    >
      {t("label")} {t("csv")}
    </Button>
  );
}
