"use client";

import { Box, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconHelpCircle } from "@tabler/icons-react";
import { useFormatter, useTranslations } from "next-intl";
import type { QueueFigures } from "./queue-figures";
import classes from "./sum-check.module.css";

/**
 * Reconciliation: received = inserted + duplicates + rejected + dropped + in flight, with the numbers and the verdict, which is
 * unknown while the number of events in flight is.
 */
export function SumCheck({ figures }: { figures: QueueFigures }) {
  const t = useTranslations("queues.sum");
  const format = useFormatter();
  const parts = [
    { key: "inserted", sign: "=", value: figures.inserted_total },
    { key: "duplicates", sign: "+", value: figures.duplicates_total },
    { key: "dead", sign: "+", value: figures.dead_total },
    { key: "dropped", sign: "+", value: figures.dropped_total },
    { key: "inFlight", sign: "+", value: figures.in_flight },
  ] as const;
  const known = figures.in_flight !== null;
  const difference = figures.received_total - parts.reduce((sum, part) => sum + (part.value ?? 0), 0);
  const verdict = !known ? "unknown" : difference === 0 ? "balanced" : "unbalanced";
  const Glyph = GLYPHS[verdict];

  return (
    <Box role="group" className={classes.root} data-verdict={verdict} aria-label={t("label")}>
      <div className={classes.sum}>
        <Term name="received" label={t("received")} value={known ? format.number(figures.received_total) : "–"} />
        {parts.map((part) => (
          <div key={part.key} className={classes.part}>
            <span className={classes.sign}>{part.sign}</span>
            <Term name={part.key} label={t(part.key)} value={part.value === null ? "–" : format.number(part.value)} />
          </div>
        ))}
      </div>
      <Text size="xs" className={classes.verdict} role={verdict === "unbalanced" ? "alert" : undefined}>
        <Glyph size={16} aria-hidden />
        {verdict === "unbalanced" ? t(verdict, { difference: format.number(difference) }) : t(verdict)}
      </Text>
    </Box>
  );
}

const GLYPHS = { balanced: IconCircleCheck, unbalanced: IconAlertTriangle, unknown: IconHelpCircle } as const;

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
