"use client";

import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTimeZone, useTranslations } from "next-intl";
import { useTRPC } from "../trpc";
import { notifyDone, notifyFailed } from "../ui/notify";
import { formatTime } from "../ui/time";
import { useErrorText } from "../ui/use-error-text";
import { SecretOnce } from "./secret-once";

const LINK = "password-link";

/** Shows the link that sets a password, for the administrator to send. There is no mail server. */
export function useShowLink() {
  const t = useTranslations("accounts");
  const timeZone = useTimeZone() ?? "UTC";
  return ({ email, link }: { email: string; link: { token: string; expires_at: string } }) =>
    modals.open({
      modalId: LINK,
      title: t("linkTitle", { email }),
      size: "lg",
      closeOnClickOutside: false,
      children: (
        <SecretOnce
          label={t("link")}
          // In the fragment, so that no server or proxy logs it.
          value={`${window.location.origin}/set-password#${link.token}`}
          hint={t("linkHint", { email, time: formatTime(link.expires_at, timeZone) })}
          onDone={() => modals.close(LINK)}
        />
      ),
    });
}

/** Administration of a user; actions that revoke access are confirmed first. */
export function useUserActions() {
  const t = useTranslations("accounts");
  const tCommon = useTranslations("common");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const showLink = useShowLink();
  const shared = {
    onError: (error: unknown) => notifyFailed(t("notDone"), errorText(error)),
    onSettled: () => queryClient.invalidateQueries(trpc.users.pathFilter()),
  };
  const changeRole = useMutation(trpc.users.changeRole.mutationOptions(shared));
  const enable = useMutation(trpc.users.enable.mutationOptions(shared));
  const disable = useMutation(trpc.users.disable.mutationOptions(shared));
  const remove = useMutation(trpc.users.remove.mutationOptions(shared));
  const endSessions = useMutation(
    trpc.users.endSessions.mutationOptions({
      ...shared,
      onSuccess: ({ ended }) => notifyDone(t("sessionsEnded", { count: ended })),
    }),
  );
  const reset = useMutation(trpc.users.resetPassword.mutationOptions({ ...shared, onSuccess: showLink }));

  const confirm = (action: "disable" | "remove" | "reset" | "endSessions", email: string, onConfirm: () => void) =>
    modals.openConfirmModal({
      title: t(`confirm.${action}.title`, { email }),
      children: <Text size="sm">{t(`confirm.${action}.body`)}</Text>,
      labels: { confirm: t(`confirm.${action}.confirm`), cancel: tCommon("cancel") },
      confirmProps: { color: "red" },
      onConfirm,
    });
  return {
    changeRole: changeRole.mutate,
    enable: enable.mutate,
    disable: (id: string, email: string) => confirm("disable", email, () => disable.mutate({ id })),
    remove: (id: string, email: string) => confirm("remove", email, () => remove.mutate({ id })),
    reset: (id: string, email: string) => confirm("reset", email, () => reset.mutate({ id })),
    renewLink: (id: string) => reset.mutate({ id }),
    endSessions: (id: string, email: string) => confirm("endSessions", email, () => endSessions.mutate({ id })),
  };
}
