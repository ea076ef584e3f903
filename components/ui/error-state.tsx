"use client";

import { Alert, Button, Group } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { useErrorText } from "./use-error-text";

interface Props {
  error: unknown;
  /** Absent where the same would be refused again. */
  onRetry?: () => void;
  retrying?: boolean;
  /** The reason, where more is known of it than the error says. */
  reason?: string;
  /** Buttons for other ways out. */
  children?: ReactNode;
}

/** In place of what could not be loaded: the reason, what to do, and the button for it. */
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
