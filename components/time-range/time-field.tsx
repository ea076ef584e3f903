"use client";

import { ActionIcon, TextInput } from "@mantine/core";
import { IconCalendar } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { useRef } from "react";
import classes from "./time-range-picker.module.css";
import { readTypedTime } from "./typed-time";

interface Props {
  label: string;
  placeholder: string;
  value: string;
  error?: string;
  onChange: (value: string) => void;
}

/**
 * An input for a time that is typed, pasted or picked from the system calendar. It is a text field, because times are
 * copied from logs and messages, and because the system's own field uses the browser's language and time zone.
 */
export function TimeField({ label, placeholder, value, error, onChange }: Props) {
  const t = useTranslations("logRange");
  const timeZone = useTimeZone() ?? "UTC";
  const calendar = useRef<HTMLInputElement>(null);
  const typed = readTypedTime(value, Date.now(), timeZone);
  const note = typed?.note && (typed.note.kind === "skipped" ? t("skipped", { time: typed.note.taken }) : t("twice"));

  const openCalendar = () => {
    const input = calendar.current;
    if (!input) return;
    const local = typed?.text.slice(0, 19) ?? "";
    input.value = local.length === 10 ? `${local}T00:00` : local;
    input.showPicker();
  };

  return (
    <div style={{ position: "relative" }}>
      <TextInput
        size="sm"
        label={label}
        placeholder={placeholder}
        value={value}
        error={error}
        description={note}
        inputWrapperOrder={["label", "input", "description", "error"]}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange(event.currentTarget.value)}
        rightSection={
          <ActionIcon variant="subtle" color="gray" aria-label={`${label}: ${t("pick")}`} onClick={openCalendar}>
            <IconCalendar size={17} stroke={1.6} />
          </ActionIcon>
        }
      />
      <input
        ref={calendar}
        type="datetime-local"
        className={classes.picker}
        tabIndex={-1}
        aria-hidden
        onChange={(event) => onChange(event.currentTarget.value.replace("T", " "))}
      />
    </div>
  );
}
