"use client";

import { TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { useState } from "react";

const PAUSE_MS = 400;

/** Searches the payloads and sources, a moment after the last key stroke. */
export function LetterSearch({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const t = useTranslations("deadLetters");
  const [text, setText] = useState(value);
  const change = useDebouncedCallback(onChange, PAUSE_MS);
  return (
    <TextInput
      aria-label={t("search")}
      placeholder={t("search")}
      leftSection={<IconSearch size={16} />}
      w={{ base: "100%", xs: 240 }}
      maxLength={200}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        change(event.currentTarget.value);
      }}
    />
  );
}
