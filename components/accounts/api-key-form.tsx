"use client";

import { Button, Group, NativeSelect, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import type { Role } from "@/server/catalog/accounts";
import { useTRPC } from "../trpc";
import { useErrorText } from "../ui/use-error-text";
import { RoleSelect } from "./role-select";

/** Days. A key without expiry must be chosen explicitly. */
const EXPIRIES = ["30", "90", "365", "never"] as const;

export function ApiKeyForm({ onCreated }: { onCreated: (name: string, key: string) => void }) {
  const t = useTranslations("apiKeys");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("operator");
  const [expiry, setExpiry] = useState<(typeof EXPIRIES)[number]>("90");
  const [sent, setSent] = useState(false);
  const make = useMutation(
    trpc.apiKeys.create.mutationOptions({
      onSuccess: ({ key }) => onCreated(name.trim(), key),
      onSettled: () => queryClient.invalidateQueries(trpc.apiKeys.pathFilter()),
    }),
  );
  const isMissing = name.trim() === "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    if (!isMissing) make.mutate({ name, role, expires_days: expiry === "never" ? null : Number(expiry) });
  };
  const refused = make.error ? errorText(make.error) : undefined;
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <TextInput
          label={t("name")}
          description={t("nameHint")}
          value={name}
          maxLength={100}
          autoComplete="off"
          error={sent && isMissing ? t("nameRequired") : refused}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <RoleSelect label={t("role")} description={t(`roleHint.${role}`)} value={role} onChange={setRole} />
        <NativeSelect
          label={t("expiry")}
          data={EXPIRIES.map((value) => ({
            value,
            label: value === "never" ? t("never") : t("days", { count: Number(value) }),
          }))}
          value={expiry}
          onChange={({ currentTarget: { value } }) => setExpiry(EXPIRIES.find((one) => one === value) ?? "90")}
        />
        <Group justify="flex-end" mt="xs">
          <Button type="submit" loading={make.isPending}>
            {t("create")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
