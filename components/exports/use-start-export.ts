"use client";

import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import type { Job } from "../jobs/use-job-watch";
import { useTRPC } from "../trpc";
import { notifyDone, notifyFailed } from "../ui/notify";
import { useErrorText } from "../ui/use-error-text";

/** Starts an export, or joins an identical running one. @param running the known running exports */
export function useStartExport(running: readonly Job[]) {
  const t = useTranslations("exports");
  const trpc = useTRPC();
  const errorText = useErrorText();
  return useMutation(
    trpc.exports.start.mutationOptions({
      // The stream may report a new export before the response arrives.
      onMutate: () => new Set(running.map((job) => job.job_id)),
      onSuccess: ({ job_id }, _, before) => {
        if (before.has(job_id)) notifyDone(t("joined"), t("joinedHint"));
        else notifyDone(t("started"), t("startedHint"));
      },
      onError: (error) => notifyFailed(t("notStarted"), errorText(error)),
    }),
  );
}
