"use client";

import { Button, Stack, Text } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { boundsOf, rangeBetween } from "./bounds";
import type { TimeRange } from "./range";
import { TimeField } from "./time-field";
import { isMonth, readTypedTime, shownTime } from "./typed-time";

interface Props {
  range: TimeRange;
  onChoose: (range: TimeRange) => void;
}

/** A custom range between two typed times; initially the current range. */
export function CustomRange({ range, onChoose }: Props) {
  const t = useTranslations("logRange");
  const timeZone = useTimeZone() ?? "UTC";
  const [texts, setTexts] = useState(() => textsOf(range, timeZone));
  const [isEndTyped, setEndTyped] = useState(false);
  const [errors, setErrors] = useState<{ from?: string; to?: string }>({});

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const now = Date.now();
    const from = readTypedTime(texts.from, now, timeZone);
    const day = from && shownTime(from.text, timeZone).slice(0, 10);
    const end = texts.to.trim() === "" ? (isMonth(texts.from) ? texts.from : "now") : texts.to;
    const to = readTypedTime(end, now, timeZone, day, "end");
    if (!from || !to) {
      setErrors({
        from: from ? undefined : texts.from.trim() === "" ? t("required") : t("notATime"),
        to: to ? undefined : t("notATime"),
      });
      return;
    }
    const chosen = { start: from.text, end: to.text };
    const bounds = boundsOf(chosen, now, timeZone);
    if (!bounds || bounds.from >= bounds.to) setErrors({ to: t("order") });
    else onChoose(chosen);
  };

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="xs">
        <TimeField
          label={t("from")}
          placeholder={t("placeholder")}
          value={texts.from}
          error={errors.from}
          onChange={(from) => {
            // A month as the start means the whole month, rather than until the previous end.
            setTexts({ from, to: isMonth(from) && !isEndTyped ? from : texts.to });
            setErrors({});
          }}
        />
        <TimeField
          label={t("to")}
          placeholder={t("toPlaceholder")}
          value={texts.to}
          error={errors.to}
          onChange={(to) => {
            setTexts({ ...texts, to });
            setEndTyped(true);
            setErrors({});
          }}
        />
        <Text size="xs" c="dimmed">
          {t("zone", { timeZone })}
        </Text>
        <Button type="submit" size="sm">
          {t("apply")}
        </Button>
      </Stack>
    </form>
  );
}

function textsOf(range: TimeRange, timeZone: string): { from: string; to: string } {
  if (range === null) return { from: "", to: "" };
  const bounds = boundsOf(range, Date.now(), timeZone);
  const { start, end } = "last" in range ? (bounds ? rangeBetween(bounds, timeZone) : { start: "", end: "" }) : range;
  return { from: shownTime(start, timeZone), to: shownTime(end, timeZone) };
}
