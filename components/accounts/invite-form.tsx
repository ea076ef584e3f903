"use client";

import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import type { Role } from "@/server/catalog/accounts";
import { type RouterOutputs, useTRPC } from "../trpc";
import { useErrorText } from "../ui/use-error-text";
import { ExpiryInput } from "./expiry-input";
import { RoleSelect } from "./role-select";

/** Invites a user. Server errors are shown at the email field. */
export function InviteForm({ onInvited }: { onInvited: (invited: RouterOutputs["users"]["invite"]) => void }) {
  const t = useTranslations("accounts");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [expires, setExpires] = useState("");
  const [isBad, setBad] = useState(false);
  const invite = useMutation(
    trpc.users.invite.mutationOptions({
      onSuccess: onInvited,
      onSettled: () => queryClient.invalidateQueries(trpc.users.pathFilter()),
    }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const bad = !/^[^\s@]+@[^\s@]+$/.test(email.trim());
    setBad(bad);
    if (!bad) invite.mutate({ email: email.trim(), role, expires_on: expires || null });
  };
  const refused = invite.error ? errorText(invite.error) : undefined;
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <TextInput
          label={t("email")}
          type="email"
          inputMode="email"
          autoComplete="off"
          value={email}
          maxLength={320}
          error={isBad ? t("emailBad") : refused}
          onChange={(event) => {
            setEmail(event.currentTarget.value);
            setBad(false);
          }}
          data-autofocus
        />
        <RoleSelect label={t("role")} description={t(`roleHint.${role}`)} value={role} onChange={setRole} />
        <ExpiryInput value={expires} onChange={setExpires} />
        <Group justify="flex-end" mt="xs">
          <Button type="submit" loading={invite.isPending}>
            {t("createLink")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
