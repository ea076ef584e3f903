"use client";

import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy, IconEyeOff } from "@tabler/icons-react";
import { useTranslations } from "next-intl";

interface Props {
  label: string;
  value: string;
  /** Its purpose and expiry. */
  hint: string;
  onDone: () => void;
}

/** A secret that is shown only once. */
export function SecretOnce({ label, value, hint, onDone }: Props) {
  const t = useTranslations("accounts");
  const tCommon = useTranslations("common");
  const { copied, copy } = useClipboard();
  return (
    <Stack gap="sm">
      <Text size="sm">{hint}</Text>
      <TextInput
        label={label}
        value={value}
        readOnly
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        onFocus={(event) => event.currentTarget.select()}
        data-autofocus
      />
      <Alert color="yellow" variant="light" icon={<IconEyeOff aria-hidden />} py="xs">
        {t("shownOnce")}
      </Alert>
      <Group justify="flex-end" gap="xs">
        <Button
          variant="default"
          leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          onClick={() => copy(value)}
        >
          {copied ? tCommon("copied") : tCommon("copy")}
        </Button>
        <Button onClick={onDone}>{t("done")}</Button>
      </Group>
    </Stack>
  );
}
