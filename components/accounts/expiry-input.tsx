"use client";

import { TextInput } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import { wholeDay } from "../time-range/bounds";

interface Props {
  /** `2026-12-31`; empty for never. */
  value: string;
  onChange: (value: string) => void;
}

/** The last day of an account. */
export function ExpiryInput({ value, onChange }: Props) {
  const t = useTranslations("accounts");
  const timeZone = useTimeZone() ?? "UTC";
  return (
    <TextInput
      type="date"
      label={t("expiresOn")}
      description={t("expiresOnHint", { timeZone })}
      min={wholeDay(0, Date.now(), timeZone).start}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
