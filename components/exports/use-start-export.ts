"use client";

import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import type { Job } from "../jobs/use-job-watch";
import { useTRPC } from "../trpc";
import { tellDone, tellFailed } from "../ui/tell";
import { useErrorText } from "../ui/use-error-text";

/** Starts an export and says so; the same one under way is joined. @param running those that are known to be under way */
export function useStartExport(running: readonly Job[]) {
  const t = useTranslations("exports");
  const trpc = useTRPC();
  const errorText = useErrorText();
  return useMutation(
    trpc.exports.start.mutationOptions({
      // A new one may be watched before its answer comes.
      onMutate: () => new Set(running.map((job) => job.job_id)),
      onSuccess: ({ job_id }, _, before) => {
        if (before.has(job_id)) tellDone(t("joined"), t("joinedHint"));
        else tellDone(t("started"), t("startedHint"));
      },
      onError: (error) => tellFailed(t("notStarted"), errorText(error)),
    }),
  );
}
