"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useMay, usePrincipal } from "../session";
import { useTRPC } from "../trpc";
import { notifyFailed } from "../ui/notify";
import { useErrorText } from "../ui/use-error-text";
import type { Job } from "./use-job-watch";

/** Cancels jobs. A job ends within about a second; the job stream reports it. */
export function useCancelJob() {
  const t = useTranslations("jobs");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  return useMutation(
    trpc.jobs.cancel.mutationOptions({
      onError: (error) => notifyFailed(t("cancelFailed"), errorText(error)),
      onSettled: () => queryClient.invalidateQueries(trpc.jobs.pathFilter()),
    }),
  );
}

/** Returns whether the user can cancel a job: their own, or as an administrator any. Enforced by the server. */
export function useMayCancel(): (job: Job) => boolean {
  const { name } = usePrincipal();
  const isOperator = useMay("jobs.cancel");
  const isAdmin = useMay("jobs.cancel-any");
  return (job) => isAdmin || (isOperator && job.requested_by === name);
}
