"use client";

import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { useState } from "react";
import { type RouterOutputs, useTRPC } from "../trpc";
import { formatTime } from "../ui/time";
import { useErrorText } from "../ui/use-error-text";
import { ExpiryInput } from "./expiry-input";

interface Props {
  user: RouterOutputs["users"]["list"][number];
  onDone: () => void;
}

/** Returns the last day of access; empty for never. */
export function lastDay(expiresAt: string | null, timeZone: string): string {
  if (expiresAt === null) return "";
  return formatTime(new Date(Date.parse(expiresAt) - 1).toISOString(), timeZone).slice(0, 10);
}

/** Changes the last day of an account. */
export function ExpiryForm({ user, onDone }: Props) {
  const t = useTranslations("accounts");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const timeZone = useTimeZone() ?? "UTC";
  const errorText = useErrorText();
  const [day, setDay] = useState(() => lastDay(user.expires_at, timeZone));
  const change = useMutation(
    trpc.users.changeExpiry.mutationOptions({
      onSuccess: onDone,
      onSettled: () => queryClient.invalidateQueries(trpc.users.pathFilter()),
    }),
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ id: user.id, expires_on: day || null });
      }}
    >
      <Stack gap="sm">
        <ExpiryInput value={day} onChange={setDay} />
        {change.error && (
          <Text size="sm" c="var(--app-bad)" role="alert">
            {errorText(change.error)}
          </Text>
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending}>
            {t("saveExpiry")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
