"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useMay, usePrincipal } from "../session";
import { useTRPC } from "../trpc";
import { tellFailed } from "../ui/tell";
import { useErrorText } from "../ui/use-error-text";
import type { Job } from "./use-job-watch";

/** Cancels jobs. It ends within a second or so; the watch tells when it has. */
export function useCancelJob() {
  const t = useTranslations("jobs");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  return useMutation(
    trpc.jobs.cancel.mutationOptions({
      onError: (error) => tellFailed(t("cancelFailed"), errorText(error)),
      onSettled: () => queryClient.invalidateQueries(trpc.jobs.pathFilter()),
    }),
  );
}

/** Whether the person may cancel a job: one's own, an administrator any. The server decides; this spares dead buttons. */
export function useMayCancel(): (job: Job) => boolean {
  const { name } = usePrincipal();
  const isOperator = useMay("jobs.cancel");
  const isAdmin = useMay("jobs.cancel-any");
  return (job) => isAdmin || (isOperator && job.requested_by === name);
}
