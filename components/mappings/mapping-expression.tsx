"use client";

import { Textarea } from "@mantine/core";
import { useTranslations } from "next-intl";

interface Props {
  label: string;
  description: string;
  placeholder?: string;
  text: string;
  onChange: (text: string) => void;
  /** Of the error, in characters from the start. */
  position: number | null;
  problem: string | null;
  disabled?: boolean;
}

/** A mapping as text, with its error where it is. */
export function MappingExpression({
  label,
  description,
  placeholder,
  text,
  onChange,
  position,
  problem,
  disabled,
}: Props) {
  const t = useTranslations("import.mapping");
  const error =
    problem === null || text.trim() === ""
      ? null
      : position === null
        ? problem
        : t("errorAt", { position: position + 1, message: `${excerpt(text, position)} ${problem}` });
  return (
    <Textarea
      label={label}
      description={description}
      placeholder={placeholder}
      autosize
      minRows={2}
      maxRows={12}
      maxLength={8_192}
      spellCheck={false}
      styles={{
        input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: "var(--mantine-font-size-xs)" },
      }}
      value={text}
      disabled={disabled}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
    />
  );
}

/** The text at the position of an error. */
function excerpt(text: string, position: number): string {
  const rest = text.slice(position).split(/\s/, 1)[0] ?? "";
  return rest === "" ? "" : `“${rest.length > 40 ? `${rest.slice(0, 40)}…` : rest}”`;
}
