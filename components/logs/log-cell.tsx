"use client";

import { useFormatter, useTimeZone, useTranslations } from "next-intl";
import type { Column } from "@/server/catalog";
import { formatTime } from "../ui/time";
import { useActorName } from "../ui/use-actor-name";
import { useCodeLabels } from "../ui/use-code-labels";
import classes from "./log-cell.module.css";

/** Maximum characters of a value in a cell. */
const SHOWN_CHARACTERS = 200;

/** The status class by its first digit. */
const STATUS_KINDS: Readonly<Record<string, string>> = { 2: "good", 3: "moved", 4: "refused", 5: "failed" };
const RESULT_KINDS: Readonly<Record<string, string>> = { ok: "good", refused: "refused", failed: "failed" };

/** A table cell, rendered by the type of its column. */
export function LogCell({ column, value }: { column: Column; value: unknown }) {
  const t = useTranslations("logs");
  const format = useFormatter();
  const timeZone = useTimeZone() ?? "UTC";
  if (value === null || value === undefined) return <span className={classes.none}>–</span>;

  if (column.type === "timestamptz")
    return <span className={classes.time}>{formatTime(String(value), timeZone, "ms")}</span>;
  if (column.type === "jsonb") return <Cut text={JSON.stringify(value)} mono />;
  if (column.filter === "status") {
    return (
      <span className={classes.status} data-kind={STATUS_KINDS[String(value)[0] ?? ""]}>
        {String(value)}
      </span>
    );
  }
  if (column.codes) return <CodeText column={column} code={String(value)} />;
  if (column.name === "actor_name") return <ActorName name={String(value)} />;
  if (column.name === "request_method") return <span className={classes.method}>{String(value)}</span>;
  if (column.name === "response_time") return t("milliseconds", { value: format.number(Number(value)) });
  const isMono = column.filter === "prefix" || column.type === "uuid" || column.name === "ip_address";
  return <Cut text={String(value)} mono={isMono} />;
}

function CodeText({ column, code }: { column: Column; code: string }) {
  const { labelOf } = useCodeLabels();
  const codeLabel = labelOf(column, code) ?? code;
  if (column.codes !== "audit_result") return <span title={code}>{codeLabel}</span>;
  return (
    <span className={classes.status} data-kind={RESULT_KINDS[code]}>
      {codeLabel}
    </span>
  );
}

function ActorName({ name }: { name: string }) {
  const actorName = useActorName();
  return <Cut text={actorName(name)} mono={false} />;
}

function Cut({ text, mono }: { text: string; mono: boolean }) {
  const cut = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  return (
    <span className={mono ? classes.mono : classes.text} title={cut}>
      {cut}
    </span>
  );
}

/** Returns whether the column is numeric and right-aligned. */
export function isNumeric(column: Column): boolean {
  return column.filter === "range";
}
