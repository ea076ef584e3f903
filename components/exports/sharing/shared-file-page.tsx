"use client";

import { Button, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { AuthPage } from "../../sign-in/auth-page";
import { formatTime } from "../../ui/time";
import { useBytes } from "../../ui/use-bytes";

interface Props {
  /** The URL of the file. */
  href: string;
  name: string;
  rows: number;
  bytes: number;
  /** ISO 8601 */
  expiresAt: string;
}

/** The page of a share link, for people without an account. */
export function SharedFilePage({ href, name, rows, bytes, expiresAt }: Props) {
  const t = useTranslations("exports");
  const size = useBytes();
  const timeZone = useTimeZone() ?? "UTC";
  return (
    <AuthPage
      title={t("sharing.pageTitle")}
      subtitle={t("sharing.validUntil", { time: formatTime(expiresAt, timeZone), timeZone })}
      hint={t("sharing.pageHint")}
    >
      <Text fw={600} style={{ overflowWrap: "anywhere" }}>
        {name}
      </Text>
      <Text size="sm" c="dimmed" mt={4} mb="lg">
        {t("rows", { count: rows })} · {size(bytes)}
      </Text>
      <Button component="a" href={href} download fullWidth leftSection={<IconDownload size={16} stroke={1.7} />}>
        {t("download")}
      </Button>
    </AuthPage>
  );
}
