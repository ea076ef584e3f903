"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "../trpc";
import { notifyDone, notifyFailed } from "../ui/notify";
import { useCodedError } from "../ui/use-coded-error";
import { useErrorText } from "../ui/use-error-text";

/** Tests, enables, disables and removes a channel; each action notifies and refreshes the list. */
export function useWebhookActions() {
  const t = useTranslations("alerts");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const problemText = useCodedError();
  const onError = (error: unknown) => notifyFailed(t("webhookFailed"), errorText(error));
  const onSettled = () => queryClient.invalidateQueries(trpc.alerts.webhooks.pathFilter());
  const test = useMutation(
    trpc.alerts.testWebhook.mutationOptions({
      onSuccess: ({ delivered, error }) =>
        delivered ? notifyDone(t("testDone")) : notifyFailed(t("testFailed"), error ? problemText(error) : ""),
      onError,
      onSettled,
    }),
  );
  const change = useMutation(trpc.alerts.changeWebhook.mutationOptions({ onError, onSettled }));
  const remove = useMutation(trpc.alerts.removeWebhook.mutationOptions({ onError, onSettled }));
  return { test, change, remove };
}
