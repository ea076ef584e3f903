"use client";

import { Alert, Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { useErrorText } from "./use-error-text";

interface Props {
  error: unknown;
  onRetry: () => void;
  retrying?: boolean;
}

/** In place of what could not be loaded: the reason, what to do, and the button for it. */
export function ErrorState({ error, onRetry, retrying = false }: Props) {
  const t = useTranslations();
  const errorText = useErrorText();
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} title={t("errors.title")} role="alert">
      {errorText(error)}
      <div>
        <Button mt="sm" size="xs" variant="default" onClick={onRetry} loading={retrying}>
          {t("common.retry")}
        </Button>
      </div>
    </Alert>
  );
}
