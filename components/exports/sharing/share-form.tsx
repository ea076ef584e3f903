"use client";

import { Button, Group, Radio, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { useState } from "react";
import { SecretOnce } from "../../accounts/secret-once";
import { type RouterOutputs, useTRPC } from "../../trpc";
import { notifyFailed } from "../../ui/notify";
import { formatTime } from "../../ui/time";
import { useErrorText } from "../../ui/use-error-text";

/** Lifetimes in hours. */
const LIFETIMES = [1, 24, 72] as const;
const MS_OF_HOUR = 3_600_000;

interface Props {
  file: RouterOutputs["exports"]["list"]["items"][number];
  onDone: () => void;
}

/** Creates a link with a lifetime, and shows it once. */
export function ShareForm({ file, onDone }: Props) {
  const t = useTranslations("exports.sharing");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const timeZone = useTimeZone() ?? "UTC";
  const [chosen, setChosen] = useState<string | null>(null);
  const share = useMutation(
    trpc.exports.share.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries(trpc.exports.links.pathFilter()),
      onError: (error) => notifyFailed(t("notShared"), errorText(error)),
    }),
  );
  if (share.data) {
    const { token, expires_at } = share.data;
    return (
      <SecretOnce
        label={t("link")}
        value={`${window.location.origin}/shared/${token}`}
        hint={t("linkHint", { file: file.file_name, time: formatTime(expires_at, timeZone) })}
        onDone={onDone}
      />
    );
  }
  const left = Date.parse(file.expires_at) - Date.now();
  const lifetimes = LIFETIMES.filter((hours) => hours * MS_OF_HOUR < left);
  const lifetime = chosen ?? (lifetimes.includes(24) ? "24" : "file");
  return (
    <Stack gap="md">
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {t("about", { file: file.file_name })}
      </Text>
      <Radio.Group label={t("lifetime")} value={lifetime} onChange={setChosen}>
        <Stack gap="xs" mt="xs">
          {lifetimes.map((hours) => (
            <Radio key={hours} value={String(hours)} label={t(`hours.${hours}`)} />
          ))}
          <Radio value="file" label={t("hours.file", { time: formatTime(file.expires_at, timeZone) })} />
        </Stack>
      </Radio.Group>
      <Group justify="flex-end" gap="xs">
        <Button
          loading={share.isPending}
          onClick={() =>
            share.mutate({ export_id: file.export_id, hours: lifetime === "file" ? null : Number(lifetime) })
          }
        >
          {t("create")}
        </Button>
      </Group>
    </Stack>
  );
}
