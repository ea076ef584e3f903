"use client";

import { Button, EmptyState } from "@mantine/core";
import { IconHandStop } from "@tabler/icons-react";
import { useTranslations } from "next-intl";

interface Props {
  onRetry: () => void;
  /** Narrows the time range; null if it is narrow already. */
  onNarrow: (() => void) | null;
}

/** Shown after the user stopped a search. */
export function Stopped({ onRetry, onNarrow }: Props) {
  const t = useTranslations("logs.slow");
  return (
    <EmptyState icon={<IconHandStop stroke={1.6} />} py={56} title={t("stopped")} description={t("stoppedHint")}>
      <EmptyState.Actions>
        {onNarrow && <Button onClick={onNarrow}>{t("narrow")}</Button>}
        <Button variant="default" onClick={onRetry}>
          {t("again")}
        </Button>
      </EmptyState.Actions>
    </EmptyState>
  );
}
