"use client";

import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "../trpc";
import { notifyFailed } from "../ui/notify";
import { useErrorText } from "../ui/use-error-text";

/** Starts the job that replays a group. */
export function useStartReplay() {
  const t = useTranslations("deadLetters");
  const trpc = useTRPC();
  const errorText = useErrorText();
  return useMutation(
    trpc.deadLetters.startReplay.mutationOptions({
      onError: (error) => notifyFailed(t("failed"), errorText(error)),
    }),
  );
}
