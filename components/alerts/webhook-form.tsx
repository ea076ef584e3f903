"use client";

import { Button, Checkbox, Group, NativeSelect, PasswordInput, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLocale, useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { LOCALE_NAMES, LOCALES } from "@/messages/locales";
import { SIGNED_FORMATS, WEBHOOK_FORMATS, type WebhookFormat } from "@/server/catalog/webhook-formats";
import { type RouterOutputs, useTRPC } from "../trpc";
import { useErrorText } from "../ui/use-error-text";

/** A channel from the list, not the configured one. */
export type EditedWebhook = RouterOutputs["alerts"]["webhooks"][number] & { id: string; name: string };

/** Adds or edits a notification channel; when editing, URL and secret are unknown here and unchanged if left empty. */
export function WebhookForm({ webhook, onDone }: { webhook: EditedWebhook | null; onDone: () => void }) {
  const t = useTranslations("alerts");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const current = useLocale();
  const [name, setName] = useState(webhook?.name ?? "");
  const [url, setUrl] = useState("");
  const [secret, setSecret] = useState("");
  const [unsigned, setUnsigned] = useState(false);
  const [format, setFormat] = useState<WebhookFormat>(webhook?.format ?? "generic");
  const [locale, setLocale] = useState(webhook?.locale ?? current);
  const [sent, setSent] = useState(false);
  const outcome = {
    onSuccess: onDone,
    onSettled: () => queryClient.invalidateQueries(trpc.alerts.webhooks.pathFilter()),
  };
  const add = useMutation(trpc.alerts.addWebhook.mutationOptions(outcome));
  const change = useMutation(trpc.alerts.changeWebhook.mutationOptions(outcome));
  const { error, isPending } = webhook ? change : add;
  const takesSecret = SIGNED_FORMATS.includes(format);
  const mayUnsign = webhook?.is_signed === true;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    if (name.trim() === "" || (webhook === null && url.trim() === "")) return;
    if (webhook === null) {
      return add.mutate({ name, format, locale, url: url.trim(), secret: secret === "" ? null : secret });
    }
    // Only changed fields, so that the audit log shows what was changed.
    change.mutate({
      id: webhook.id,
      name: name === webhook.name ? undefined : name,
      format: format === webhook.format ? undefined : format,
      locale: locale === webhook.locale ? undefined : locale,
      url: url.trim() === "" ? undefined : url.trim(),
      secret: unsigned ? null : secret === "" ? undefined : secret,
    });
  };
  const missing = (text: string) => (sent && text.trim() === "" ? t("required") : undefined);
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
          <NativeSelect
            label={t("format")}
            data={WEBHOOK_FORMATS.map((value) => ({ value, label: t(`formats.${value}`) }))}
            value={format}
            onChange={({ currentTarget: { value } }) =>
              setFormat(WEBHOOK_FORMATS.find((one) => one === value) ?? "generic")
            }
          />
          <NativeSelect
            label={t("language")}
            data={LOCALES.map((value) => ({ value, label: LOCALE_NAMES[value] }))}
            value={locale}
            onChange={({ currentTarget: { value } }) => setLocale(LOCALES.find((one) => one === value) ?? current)}
          />
        </SimpleGrid>
        <TextInput
          label={t("url")}
          description={t(webhook ? "urlUnchanged" : "urlHint")}
          placeholder={webhook ? `${webhook.host}/…` : "https://"}
          inputMode="url"
          autoComplete="off"
          value={url}
          error={(webhook ? undefined : missing(url)) ?? (error ? errorText(error) : undefined)}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        {takesSecret && (
          <PasswordInput
            label={t("secret")}
            description={t(mayUnsign ? "secretUnchanged" : "secretHint")}
            autoComplete="new-password"
            value={secret}
            disabled={unsigned}
            onChange={(event) => setSecret(event.currentTarget.value)}
          />
        )}
        {takesSecret && mayUnsign && (
          <Checkbox
            label={t("unsign")}
            checked={unsigned}
            onChange={(event) => setUnsigned(event.currentTarget.checked)}
          />
        )}
        <Group justify="flex-end" mt="xs">
          <Button type="submit" loading={isPending}>
            {t(webhook ? "save" : "add")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
