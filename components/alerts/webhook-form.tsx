"use client";

import { Button, Group, PasswordInput, Select, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLocale, useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { LOCALE_NAMES, LOCALES } from "@/messages/locales";
import { useTRPC } from "../trpc";
import { useErrorText } from "../ui/use-error-text";

const FORMATS = ["generic", "slack", "dingtalk", "feishu", "wecom"] as const;

/** A new webhook. The server's refusal stands at the address. */
export function WebhookForm({ onDone }: { onDone: () => void }) {
  const t = useTranslations("alerts");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const current = useLocale();
  const [name, setName] = useState("");
  const [url, setUrl] = useState("");
  const [secret, setSecret] = useState("");
  const [format, setFormat] = useState<(typeof FORMATS)[number]>("generic");
  const [locale, setLocale] = useState(current);
  const [sent, setSent] = useState(false);
  const add = useMutation(
    trpc.alerts.addWebhook.mutationOptions({
      onSuccess: onDone,
      onSettled: () => queryClient.invalidateQueries(trpc.alerts.webhooks.pathFilter()),
    }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    if (name.trim() === "" || url.trim() === "") return;
    add.mutate({ name, url: url.trim(), format, secret: secret === "" ? null : secret, locale });
  };
  const missing = (text: string) => (sent && text.trim() === "" ? t("required") : undefined);
  const takesSecret = format === "generic" || format === "dingtalk" || format === "feishu";
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <TextInput
          label={t("name")}
          value={name}
          maxLength={100}
          error={missing(name)}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <Select
            label={t("format")}
            data={FORMATS.map((value) => ({ value, label: t(`formats.${value}`) }))}
            value={format}
            allowDeselect={false}
            onChange={(value) => setFormat(FORMATS.find((one) => one === value) ?? "generic")}
          />
          <Select
            label={t("language")}
            data={LOCALES.map((value) => ({ value, label: LOCALE_NAMES[value] }))}
            value={locale}
            allowDeselect={false}
            onChange={(value) => setLocale(LOCALES.find((one) => one === value) ?? current)}
          />
        </SimpleGrid>
        <TextInput
          label={t("url")}
          description={t("urlHint")}
          placeholder="https://"
          inputMode="url"
          autoComplete="off"
          value={url}
          error={missing(url) ?? (add.error ? errorText(add.error) : undefined)}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        {takesSecret && (
          <PasswordInput
            label={t("secret")}
            description={t("secretHint")}
            autoComplete="new-password"
            value={secret}
            onChange={(event) => setSecret(event.currentTarget.value)}
          />
        )}
        <Group justify="flex-end" mt="xs">
          <Button type="submit" loading={add.isPending}>
            {t("add")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
