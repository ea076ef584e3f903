"use client";

import { ActionIcon, Code } from "@mantine/core";
import { IconChartBar, IconCopy, IconFilter, IconFilterX } from "@tabler/icons-react";
import Link from "next/link";
import { useFormatter, useTimeZone, useTranslations } from "next-intl";
import type { Column } from "@/server/catalog";
import type { CodedError } from "@/server/catalog/errors";
import { isCodedError } from "@/server/catalog/errors/text";
import { writeField } from "@/server/catalog/filter";
import type { Chip } from "../../filter-bar/filters";
import { CopyAction } from "../../ui/copy-action";
import { formatTime } from "../../ui/time";
import { Tooltip } from "../../ui/tooltip";
import { useActorName } from "../../ui/use-actor-name";
import { useCodeLabels } from "../../ui/use-code-labels";
import { useCodedError } from "../../ui/use-coded-error";
import { JsonValue } from "./json-value";
import classes from "./log-drawer.module.css";

interface Props {
  column: Column;
  label: string;
  value: unknown;
  onFilter: (filter: Chip) => void;
  /** The URL of Explore with the rows grouped by a field; undefined if they cannot be. */
  groupHref: (field: string) => string | undefined;
  /** Whether members of JSON columns can be filtered. */
  canFilterMembers: boolean;
}

/** One field of an event, with buttons to copy its value or to filter by it. */
export function LogField({ column, label, value, onFilter, groupHref, canFilterMembers }: Props) {
  const t = useTranslations();
  const explore = useTranslations("explore");
  const format = useFormatter();
  const timeZone = useTimeZone() ?? "UTC";
  const { labelOf } = useCodeLabels();
  const errorText = useCodedError();
  const actorName = useActorName();
  if (value === null || value === undefined) {
    return (
      <div className={classes.field}>
        <dt className={classes.label}>{label}</dt>
        <dd className={classes.value}>
          <span className={classes.none} title={t("logs.noValue")}>
            –
          </span>
          {column.filter && (
            <span className={classes.actions}>
              <FilterActions
                label={label}
                onFor={() => onFilter({ column, operator: "isEmpty", value: "" })}
                onOut={() => onFilter({ column, operator: "isSet", value: "" })}
              />
            </span>
          )}
        </dd>
      </div>
    );
  }
  const isJson = column.type === "jsonb";
  const text = isJson ? JSON.stringify(value, null, 2) : String(value);
  const shown = (raw: string) => {
    if (raw === "") return <span className={classes.none}>{t("logs.emptyText")}</span>;
    if (column.type === "timestamptz") return formatTime(raw, timeZone, "ms");
    return column.name === "response_time" ? t("logs.milliseconds", { value: format.number(Number(raw)) }) : raw;
  };
  const reason = reasonOf(value);
  const actor = column.name === "actor_name" ? actorName(text) : text;
  const codeLabel = isJson ? undefined : (labelOf(column, text) ?? (actor === text ? undefined : actor));
  const canFilter = column.filter !== undefined && column.filter !== "range";
  const grouped = isJson ? undefined : groupHref(column.name);

  return (
    <div className={classes.field} data-wide={isJson || undefined}>
      <dt className={classes.label}>{label}</dt>
      {reason && <dd className={classes.value}>{errorText(reason)}</dd>}
      <dd className={classes.value}>
        {isJson ? (
          <Code block className={classes.json}>
            <JsonValue
              value={value}
              label={(path) => `${t("logs.filterFor")}: ${label}, ${path}`}
              onPick={
                canFilterMembers
                  ? (path, member) => onFilter({ expression: memberFilter(column.name, path, member) })
                  : undefined
              }
              groupLabel={(path) => explore("groupByMember", { field: memberField(column.name, path) })}
              groupHref={canFilterMembers ? (path) => groupHref(memberField(column.name, path)) : undefined}
            />
          </Code>
        ) : (
          <span>
            {codeLabel !== undefined && <span className={classes.codeLabel}>{codeLabel}</span>}
            {codeLabel === undefined ? shown(text) : <Code>{text}</Code>}
          </span>
        )}
        <span className={classes.actions}>
          {canFilter && (
            <FilterActions
              label={label}
              onFor={() => onFilter({ column, operator: text === "" ? "isEmptyText" : "is", value: text })}
              onOut={text === "" ? undefined : () => onFilter({ column, operator: "isNot", value: text })}
            />
          )}
          {grouped !== undefined && (
            <Tooltip label={explore("groupByField")}>
              <ActionIcon
                component={Link}
                href={grouped}
                prefetch={false}
                variant="subtle"
                color="gray"
                size="sm"
                aria-label={`${explore("groupByField")}: ${label}`}
              >
                <IconChartBar size={14} />
              </ActionIcon>
            </Tooltip>
          )}
          <CopyAction label={`${t("common.copy")}: ${label}`} text={() => text} size={22} subtle>
            <IconCopy size={14} />
          </CopyAction>
        </span>
      </dd>
    </div>
  );
}

/** The expression for a member of a JSON column. @param value as text; null for no value */
function memberFilter(field: string, path: readonly string[], value: string | null): string {
  if (value === null) return writeField({ field, path, test: { op: "null" } });
  return writeField({ field, path, test: value === "" ? { op: "empty" } : { op: "match", pattern: [value] } });
}

/** A member of a JSON column as a field of expressions. */
function memberField(field: string, path: readonly string[]): string {
  return writeField({ field, path, test: { op: "set" } }).slice(0, -":*".length);
}

/** The error in the details of a refused action. */
function reasonOf(details: unknown): CodedError | undefined {
  if (typeof details !== "object" || details === null || !("reason" in details)) return undefined;
  return isCodedError(details.reason) ? details.reason : undefined;
}

interface FilterActionsProps {
  label: string;
  onFor: () => void;
  /** Omitted if the column cannot be filtered by the opposite. */
  onOut?: () => void;
}

function FilterActions({ label, onFor, onOut }: FilterActionsProps) {
  const t = useTranslations("logs");
  return (
    <>
      <Tooltip label={t("filterFor")}>
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`${t("filterFor")}: ${label}`} onClick={onFor}>
          <IconFilter size={14} />
        </ActionIcon>
      </Tooltip>
      {onOut && (
        <Tooltip label={t("filterOut")}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={`${t("filterOut")}: ${label}`}
            onClick={onOut}
          >
            <IconFilterX size={14} />
          </ActionIcon>
        </Tooltip>
      )}
    </>
  );
}
