"use client";

import { Alert, Button, Group } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { useErrorText } from "./use-error-text";

interface Props {
  error: unknown;
  /** Omitted if a retry would be denied again. */
  onRetry?: () => void;
  retrying?: boolean;
  /** A more specific reason than the error's, if known. */
  reason?: string;
  /** Additional buttons. */
  children?: ReactNode;
}

/** Error state of a query: the reason and a retry button. */
export function ErrorState({ error, onRetry, retrying = false, reason, children }: Props) {
  const t = useTranslations();
  const errorText = useErrorText();
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} title={t("errors.title")} role="alert">
      {reason ?? errorText(error)}
      <Group mt="sm" gap="xs">
        {onRetry && (
          <Button size="xs" variant="default" onClick={onRetry} loading={retrying}>
            {t("common.retry")}
          </Button>
        )}
        {children}
      </Group>
    </Alert>
  );
}
