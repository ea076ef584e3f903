"use client";

import { Alert, DataList } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useFormatter, useTimeZone, useTranslations } from "next-intl";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { formatTime } from "../ui/time";
import { useCodedError } from "../ui/use-coded-error";
import type { DeadLetter } from "./dead-letter";

/** The reason, source and times of a dead letter. */
export function LetterDetails({ letter }: { letter: DeadLetter }) {
  const t = useTranslations();
  const problemText = useCodedError();
  const format = useFormatter();
  const timeZone = useTimeZone() ?? "UTC";
  const table = LOG_TABLE_NAMES.find((name) => name === letter.queue);
  const line = letter.line === null ? null : t("deadLetters.line", { line: format.number(letter.line) });
  const facts = [
    [t("deadLetters.queue"), table ? t(`tables.${table}`) : letter.queue],
    [t("deadLetters.source"), [letter.source ?? t("common.unknown"), line].filter(Boolean).join(" · ")],
    [t("deadLetters.attempts"), format.number(letter.attempts)],
    [t("deadLetters.firstSeen"), formatTime(letter.first_seen_at, timeZone)],
    [t("deadLetters.lastSeen"), formatTime(letter.last_seen_at, timeZone)],
  ];
  return (
    <>
      <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} mb="md">
        {problemText(letter.error)}
      </Alert>
      <DataList orientation="horizontal" size="sm" mb="md">
        {facts.map(([label, value]) => (
          <DataList.Item key={label}>
            <DataList.ItemLabel>{label}</DataList.ItemLabel>
            <DataList.ItemValue>{value}</DataList.ItemValue>
          </DataList.Item>
        ))}
      </DataList>
    </>
  );
}
