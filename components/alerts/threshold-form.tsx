"use client";

import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { MAX_THRESHOLD } from "@/server/catalog/max-threshold";
import { type Rule, useAlertText } from "./use-alert-text";

/** The units of the input: the largest in which the default is at least 2. */
const SECONDS = [
  { label: "thresholdDays", size: 86_400 },
  { label: "thresholdMinutes", size: 60 },
  { label: "thresholdSeconds", size: 1 },
] as const;
const PERCENT = { label: "thresholdRatio", size: 0.01 } as const;
const COUNT = { label: "threshold", size: 1 } as const;
/** Avoids floating-point artifacts of typed values. */
const rounded = (value: number) => Math.round(value * 1e6) / 1e6;

function scaleOf({ unit, default_threshold }: Rule) {
  if (unit === "ratio") return PERCENT;
  if (unit !== "seconds") return COUNT;
  return SECONDS.find(({ size }) => default_threshold >= 2 * size) ?? SECONDS[2];
}

/** Undefined if the text is not a number from 0 to `max`, or not whole for counts. */
function readThreshold(text: string, max: number, isWhole: boolean): number | undefined {
  const pattern = isWhole ? /^\d+$/ : /^\d+(\.\d+)?$/;
  const value = pattern.test(text.trim()) ? Number(text) : Number.NaN;
  return value <= max ? value : undefined;
}

interface Props {
  rule: Rule;
  /** Null resets to the configured default. */
  onSave: (threshold: number | null) => void;
}

/** Edits the threshold of a rule: percent for shares, a suitable unit for times. */
export function ThresholdForm({ rule, onSave }: Props) {
  const t = useTranslations("alerts");
  const { amount } = useAlertText();
  const { label, size } = scaleOf(rule);
  const max = rounded(MAX_THRESHOLD[rule.unit] / size);
  const isWhole = rule.unit === "count";
  const [text, setText] = useState(String(rounded(rule.threshold / size)));
  const value = readThreshold(text, max, isWhole);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (value !== undefined) onSave(rounded(value * size));
  };

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {t(`rules.${rule.rule}.about`)}
        </Text>
        <TextInput
          label={t(label)}
          inputMode={isWhole ? "numeric" : "decimal"}
          autoComplete="off"
          value={text}
          error={text !== "" && value === undefined && t(isWhole ? "thresholdWhole" : "thresholdWrong", { max })}
          onChange={(event) => setText(event.currentTarget.value)}
          data-autofocus
        />
        <Group justify="space-between">
          <Button
            variant="subtle"
            color="gray"
            disabled={rule.threshold === rule.default_threshold}
            onClick={() => onSave(null)}
          >
            {t("resetToDefault", { value: amount(rule.default_threshold, rule.unit) })}
          </Button>
          <Button type="submit" disabled={value === undefined}>
            {t("save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
