"use client";

import { Button, Group, NumberInput, Stack, Text } from "@mantine/core";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { type Rule, useAlertText } from "./use-alert-text";

/** What a person types, in what the rule counts in: the largest in which its default is a handful. */
const SECONDS = [
  { label: "thresholdDays", size: 86_400 },
  { label: "thresholdMinutes", size: 60 },
  { label: "thresholdSeconds", size: 1 },
] as const;
const PERCENT = { label: "thresholdRatio", size: 0.01 } as const;
const COUNT = { label: "threshold", size: 1 } as const;
/** What was typed comes back as it was typed. */
const rounded = (value: number) => Math.round(value * 1e6) / 1e6;

function scaleOf({ unit, default_threshold }: Rule) {
  if (unit === "ratio") return PERCENT;
  if (unit !== "seconds") return COUNT;
  return SECONDS.find(({ size }) => default_threshold >= 2 * size) ?? SECONDS[2];
}

interface Props {
  rule: Rule;
  /** Null takes it back to the configuration's. */
  onSave: (threshold: number | null) => void;
}

/** A rule's threshold: percent for shares, a fitting unit for times. */
export function ThresholdForm({ rule, onSave }: Props) {
  const t = useTranslations("alerts");
  const { amount } = useAlertText();
  const { label, size } = scaleOf(rule);
  const [value, setValue] = useState<number | string>(rounded(rule.threshold / size));

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typeof value === "number") onSave(rounded(value * size));
  };

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {t(`rules.${rule.rule}.about`)}
        </Text>
        <NumberInput
          label={t(label)}
          value={value}
          onChange={setValue}
          min={0}
          max={rule.unit === "ratio" ? 100 : undefined}
          decimalScale={rule.unit === "count" ? 0 : 2}
          thousandSeparator={rule.unit === "count" ? "," : undefined}
          suffix={rule.unit === "ratio" ? " %" : undefined}
          clampBehavior="strict"
          data-autofocus
        />
        <Group justify="space-between">
          <Button
            variant="subtle"
            color="gray"
            disabled={rule.threshold === rule.default_threshold}
            onClick={() => onSave(null)}
          >
            {t("useDefault", { value: amount(rule.default_threshold, rule.unit) })}
          </Button>
          <Button type="submit" disabled={typeof value !== "number"}>
            {t("save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
