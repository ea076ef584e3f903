"use client";

import { Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useFormatter, useTranslations } from "next-intl";
import type { QueueFigures } from "./queue-figures";
import classes from "./sum-check.module.css";

/** Reconciliation: received = inserted + duplicates + rejected + in flight, with the numbers and the verdict. */
export function SumCheck({ figures }: { figures: QueueFigures }) {
  const t = useTranslations("queues.sum");
  const format = useFormatter();
  const parts = [
    { key: "inserted", sign: "=", value: figures.inserted_total },
    { key: "duplicates", sign: "+", value: figures.duplicates_total },
    { key: "dead", sign: "+", value: figures.dead_total },
    { key: "inFlight", sign: "+", value: figures.in_flight },
  ] as const;
  const known = figures.in_flight !== null;
  const difference = figures.received_total - parts.reduce((sum, part) => sum + (part.value ?? 0), 0);
  const isBalanced = !known || difference === 0;
  const verdict = isBalanced ? t("balanced") : t("unbalanced", { difference: format.number(difference) });

  return (
    <section className={classes.root} data-balanced={isBalanced} aria-label={t("label")}>
      <div className={classes.sum}>
        <Term name="received" label={t("received")} value={format.number(figures.received_total)} />
        {parts.map((part) => (
          <div key={part.key} className={classes.part}>
            <span className={classes.sign}>{part.sign}</span>
            <Term name={part.key} label={t(part.key)} value={part.value === null ? "–" : format.number(part.value)} />
          </div>
        ))}
      </div>
      <Text size="xs" className={classes.verdict} role={isBalanced ? undefined : "alert"}>
        {isBalanced ? <IconCircleCheck size={16} aria-hidden /> : <IconAlertTriangle size={16} aria-hidden />}
        {verdict}
      </Text>
    </section>
  );
}

function Term({ name, label, value }: { name: string; label: string; value: string }) {
  return (
    <span className={classes.term}>
      <span className={classes.value} data-testid={`sum-${name}`}>
        {value}
      </span>
      <span className={classes.label}>{label}</span>
    </span>
  );
}
