"use client";

import { ActionIcon, Code, Tooltip } from "@mantine/core";
import { IconCopy, IconFilter, IconFilterX } from "@tabler/icons-react";
import { useFormatter, useTimeZone, useTranslations } from "next-intl";
import type { Column } from "@/server/catalog";
import { CopyAction } from "../../ui/copy-action";
import { formatTime } from "../../ui/time";
import { useCodeWords } from "../../ui/use-code-words";
import classes from "./log-drawer.module.css";

interface Props {
  column: Column;
  label: string;
  value: unknown;
  onFilter: (name: string, value: string) => void;
}

/** One field of a row, with its value to copy, or to filter for or out. */
export function LogField({ column, label, value, onFilter }: Props) {
  const t = useTranslations();
  const format = useFormatter();
  const timeZone = useTimeZone() ?? "UTC";
  const { wordOf } = useCodeWords();
  if (value === null || value === undefined) {
    return (
      <div className={classes.field}>
        <dt className={classes.label}>{label}</dt>
        <dd className={classes.none} title={t("logs.noValue")}>
          –
        </dd>
      </div>
    );
  }
  const isJson = column.type === "jsonb";
  const text = isJson ? JSON.stringify(value, null, 2) : String(value);
  const shown = (raw: string) => {
    if (column.type === "timestamptz") return formatTime(raw, timeZone, "ms");
    return column.name === "response_time" ? t("logs.milliseconds", { value: format.number(Number(raw)) }) : raw;
  };
  const word = isJson ? undefined : wordOf(column, text);
  const canFilter = column.filter !== undefined && column.filter !== "range";

  return (
    <div className={classes.field} data-wide={isJson || undefined}>
      <dt className={classes.label}>{label}</dt>
      <dd className={classes.value}>
        {isJson ? (
          <Code block className={classes.json}>
            {text}
          </Code>
        ) : (
          <span>
            {word !== undefined && <span className={classes.word}>{word}</span>}
            {word === undefined ? shown(text) : <Code>{text}</Code>}
          </span>
        )}
        <span className={classes.actions}>
          {canFilter && (
            <>
              <Tooltip label={t("logs.filterFor")}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="sm"
                  aria-label={`${t("logs.filterFor")}: ${label}`}
                  onClick={() => onFilter(column.name, text)}
                >
                  <IconFilter size={14} />
                </ActionIcon>
              </Tooltip>
              <Tooltip label={t("logs.filterOut")}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="sm"
                  aria-label={`${t("logs.filterOut")}: ${label}`}
                  onClick={() => onFilter(`not_${column.name}`, text)}
                >
                  <IconFilterX size={14} />
                </ActionIcon>
              </Tooltip>
            </>
          )}
          <CopyAction label={`${t("common.copy")}: ${label}`} text={() => text} size={22} subtle>
            <IconCopy size={14} />
          </CopyAction>
        </span>
      </dd>
    </div>
  );
}
