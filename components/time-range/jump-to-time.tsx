"use client";

import { Button, Group } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { parseRangeStart } from "@/server/lib/time";
import { TimeField } from "./time-field";
import { readTypedTime } from "./typed-time";

/** Jumps to the rows at a time without changing the range. */
export function JumpToTime({ onJump }: { onJump: (at: string) => void }) {
  const t = useTranslations("logRange");
  const timeZone = useTimeZone() ?? "UTC";
  const [text, setText] = useState("");
  const [error, setError] = useState<string>();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const typed = readTypedTime(text, Date.now(), timeZone);
    const at = typed && parseRangeStart(typed.text, timeZone);
    if (at === undefined) setError(text.trim() === "" ? t("required") : t("notATime"));
    else onJump(at);
  };

  return (
    <form onSubmit={submit} noValidate>
      <Group gap="xs" align="flex-start" wrap="nowrap">
        <div style={{ flex: 1 }}>
          <TimeField
            label={t("jump")}
            placeholder={t("placeholder")}
            value={text}
            error={error}
            onChange={(next) => {
              setText(next);
              setError(undefined);
            }}
          />
        </div>
        <Button type="submit" size="sm" variant="default" mt={24}>
          {t("go")}
        </Button>
      </Group>
    </form>
  );
}
