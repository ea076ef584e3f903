"use client";

import { Button, Group, NumberInput, Stack, Text } from "@mantine/core";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { type Rule, useAlertText } from "./use-alert-text";

const PERCENT = 100;
/** A share typed as percent comes back as it was typed. */
const DIGITS = 10_000;

interface Props {
  rule: Rule;
  /** Null takes it back to the configuration's. */
  onSave: (threshold: number | null) => void;
}

/** A rule's threshold: percent for shares, seconds for times. */
export function ThresholdForm({ rule, onSave }: Props) {
  const t = useTranslations("alerts");
  const { amount } = useAlertText();
  const isRatio = rule.unit === "ratio";
  const [value, setValue] = useState<number | string>(
    isRatio ? Math.round(rule.threshold * PERCENT * DIGITS) / DIGITS : rule.threshold,
  );
  const label = isRatio ? t("thresholdRatio") : rule.unit === "seconds" ? t("thresholdSeconds") : t("threshold");

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typeof value === "number") onSave(isRatio ? value / PERCENT : value);
  };

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {t(`rules.${rule.rule}.about`)}
        </Text>
        <NumberInput
          label={label}
          value={value}
          onChange={setValue}
          min={0}
          max={isRatio ? PERCENT : undefined}
          decimalScale={rule.unit === "count" ? 0 : 2}
          thousandSeparator={rule.unit === "count" ? "," : undefined}
          suffix={isRatio ? " %" : undefined}
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
