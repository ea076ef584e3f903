"use client";

import { Button, Menu } from "@mantine/core";
import { IconChevronDown, IconFileExport } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import Papa from "papaparse";
import { useState } from "react";
import { useMay } from "../session";
import { notifyFailed } from "../ui/notify";
import { csvCells, exportedAnswer } from "./export-rows";
import type { ExploreQuestion } from "./state";
import type { ExploreAnswer } from "./types";

const EXCEL_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

interface Props {
  question: ExploreQuestion;
  answer: ExploreAnswer | undefined;
}

/** Saves the displayed answer as a CSV or Excel file, with its others and its total. */
export function ExportMenu({ question, answer }: Props) {
  const t = useTranslations("explore.export");
  const explore = useTranslations("explore");
  const overview = useTranslations("overview");
  const timeZone = useTimeZone() ?? "UTC";
  const mayExport = useMay("export");
  const [isWriting, setWriting] = useState(false);
  if (!mayExport) return null;

  const save = (write: (answer: ExploreAnswer) => Promise<Blob>, extension: string) => async () => {
    if (!answer) return;
    setWriting(true);
    try {
      const url = URL.createObjectURL(await write(answer));
      const link = document.createElement("a");
      link.href = url;
      link.download = `explore-${question.table}-${answer.as_of.slice(0, 19).replace(/[:T]/g, "-")}.${extension}`;
      link.click();
      URL.revokeObjectURL(url);
    } catch {
      // The code that writes workbooks is a file of the server, which may be unreachable.
      notifyFailed(t("failed"), t("failedHint"));
    } finally {
      setWriting(false);
    }
  };
  const exported = (from: ExploreAnswer) =>
    exportedAnswer(question, from, { others: overview("others"), total: explore("total") });
  const csv = async (from: ExploreAnswer) => {
    const text = Papa.unparse(csvCells(exported(from), timeZone), { newline: "\r\n" });
    // The mark lets Excel read it as UTF-8.
    return new Blob([`\uFEFF${text}\r\n`], { type: "text/csv;charset=utf-8" });
  };
  const excel = async (from: ExploreAnswer) => {
    const { workbookOf } = await import("./workbook");
    return new Blob([await workbookOf(exported(from), { title: question.table, timeZone })], { type: EXCEL_TYPE });
  };

  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconFileExport size={16} stroke={1.6} />}
          rightSection={<IconChevronDown size={14} />}
          loading={isWriting}
          disabled={answer === undefined || answer.rows.length === 0}
        >
          {t("label")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={save(excel, "xlsx")}>{t("excel")}</Menu.Item>
        <Menu.Item onClick={save(csv, "csv")}>{t("csv")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
