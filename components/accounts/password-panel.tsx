"use client";

import { Button, Group, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../trpc";
import { notifyDone } from "../ui/notify";
import { Panel } from "../ui/panel";
import { useErrorText } from "../ui/use-error-text";
import { passwordProblem } from "./password-problem";

/** Changes the user's password. Server errors are shown at their field. */
export function PasswordPanel() {
  const t = useTranslations("account");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const [values, setValues] = useState({ current: "", next: "", again: "" });
  const [sent, setSent] = useState(false);
  const change = useMutation(
    trpc.account.changePassword.mutationOptions({
      onSuccess: () => {
        notifyDone(t("changed"), t("changedHint"));
        setValues({ current: "", next: "", again: "" });
        setSent(false);
      },
      onSettled: () => queryClient.invalidateQueries(trpc.account.pathFilter()),
    }),
  );
  const fault = passwordProblem(values);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    if (!fault) change.mutate({ current: values.current, next: values.next });
  };
  const refusedAt = change.error?.data?.errors[0]?.path;
  const refusal = (field: "current" | "next") =>
    change.error && (refusedAt ?? "current") === field
      ? refusedAt === undefined
        ? errorText(change.error)
        : t(field === "current" ? "wrongCurrent" : "badNext")
      : undefined;
  const input = (field: keyof typeof values, autoComplete: string, error?: string) => (
    <PasswordInput
      label={t(field)}
      autoComplete={autoComplete}
      maxLength={128}
      value={values[field]}
      error={sent && fault?.field === field ? t(fault.problem) : error}
      onChange={(event) => {
        const { value } = event.currentTarget;
        setValues((old) => ({ ...old, [field]: value }));
        change.reset();
      }}
    />
  );
  return (
    <Panel mb="lg" p={{ base: "md", sm: "lg" }} aria-labelledby="own-password">
      <Title order={2} id="own-password">
        {t("password")}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {t("passwordHint")}
      </Text>
      <form onSubmit={submit} noValidate>
        <Stack gap="sm" maw={420}>
          {input("current", "current-password", refusal("current"))}
          {input("next", "new-password", refusal("next"))}
          {input("again", "new-password")}
          <Group mt="xs">
            <Button type="submit" loading={change.isPending}>
              {t("change")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
