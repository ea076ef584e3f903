"use client";

import { ActionIcon, Code, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy, IconFilter } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import type { Column } from "@/server/catalog";
import { formatTime } from "../ui/time";
import classes from "./log-drawer.module.css";

interface Props {
  column: Column;
  label: string;
  value: unknown;
  onFilter: (name: string, value: string) => void;
}

/** One field of a row, with its value to copy or to filter by. */
export function LogField({ column, label, value, onFilter }: Props) {
  const t = useTranslations();
  const timeZone = useTimeZone() ?? "UTC";
  if (value === null || value === undefined) {
    return (
      <div className={classes.field}>
        <dt className={classes.label}>{label}</dt>
        <dd className={classes.none}>{t("logs.noValue")}</dd>
      </div>
    );
  }
  const isJson = column.type === "jsonb";
  const text = isJson ? JSON.stringify(value, null, 2) : String(value);
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
          <span>{column.type === "timestamptz" ? formatTime(text, timeZone, "ms") : text}</span>
        )}
        <span className={classes.actions}>
          {canFilter && (
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
          )}
          <CopyButton value={text}>
            {({ copied, copy }) => (
              <Tooltip label={copied ? t("common.copied") : t("common.copy")}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="sm"
                  aria-label={`${t("common.copy")}: ${label}`}
                  onClick={copy}
                >
                  {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
                </ActionIcon>
              </Tooltip>
            )}
          </CopyButton>
        </span>
      </dd>
    </div>
  );
}
