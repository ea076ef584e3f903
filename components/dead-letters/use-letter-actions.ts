"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { type RouterOutputs, useTRPC } from "../trpc";
import { notifyDone, notifyFailed } from "../ui/notify";
import { useCodedError } from "../ui/use-coded-error";
import { useErrorText } from "../ui/use-error-text";

type ReplayResult = RouterOutputs["deadLetters"]["replay"];

/** Replays and discards dead letters; each action notifies and refreshes lists and figures. */
export function useLetterActions() {
  const t = useTranslations();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const problemText = useCodedError();
  const onError = (error: unknown) => notifyFailed(t("deadLetters.failed"), errorText(error));
  const onSettled = () => queryClient.invalidateQueries(trpc.deadLetters.pathFilter());

  const notifyReplayed = ({ replayed, still_dead, errors }: ReplayResult) => {
    const outcome = t("deadLetters.replayed", { count: replayed });
    if (still_dead === 0) return notifyDone(outcome);
    const reason = errors[0] ? t("deadLetters.failedAgainReason", { reason: problemText(errors[0].error) }) : undefined;
    const failedAgain = t("deadLetters.failedAgain", { count: still_dead });
    notifyFailed(
      replayed === 0 ? failedAgain : `${outcome} · ${failedAgain}`,
      reason ?? t("deadLetters.replayGroupBody"),
    );
  };

  const replay = useMutation(
    trpc.deadLetters.replay.mutationOptions({ onSuccess: notifyReplayed, onError, onSettled }),
  );
  const discard = useMutation(
    trpc.deadLetters.discard.mutationOptions({
      onSuccess: ({ discarded }) => notifyDone(t("deadLetters.discarded", { count: discarded })),
      onError,
      onSettled,
    }),
  );
  return { replay, discard };
}
