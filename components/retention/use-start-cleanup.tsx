"use client";

import { Alert, Anchor } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { isUnfinished } from "@/components/jobs/use-job-watch";
import { useTRPC } from "@/components/trpc";
import { conflictingJobOf } from "@/components/ui/error-code";
import { notifyDone, notifyFailed } from "@/components/ui/notify";
import { useErrorText } from "@/components/ui/use-error-text";
import type { CleanupChoice } from "./cleanup-choice";
import { jobAnchor } from "./job-card";

/** Polling interval of the blocking job. */
const POLL_MS = 1_000;

/**
 * Keeps a confirmed cleanup in the page until its undo time is over, so closing or reloading the page cancels it too.
 */
export function useStartCleanup() {
  const t = useTranslations("cleanup");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const [waiting, setWaiting] = useState<CleanupChoice | null>(null);
  /** The blocking job. */
  const [busy, setBusy] = useState<string | null>(null);
  const start = useMutation(
    trpc.retention.start.mutationOptions({
      onError: (error) => {
        const rival = conflictingJobOf(error);
        if (rival) setBusy(rival);
        else notifyFailed(t("busy.failed"), errorText(error));
      },
      onSettled: () => {
        setWaiting(null);
        void queryClient.invalidateQueries(trpc.jobs.list.pathFilter());
      },
    }),
  );
  return {
    waiting,
    busy,
    isStarting: start.isPending,
    begin: (choice: CleanupChoice) => {
      setBusy(null);
      setWaiting(choice);
    },
    undo: () => {
      setWaiting(null);
      notifyDone(t("undo.undone"));
    },
    /** @param late the page was suspended: the confirmation is outdated */
    go: (late: boolean) => {
      if (!waiting || start.isPending) return;
      if (!late) return start.mutate(waiting);
      setWaiting(null);
      notifyFailed(t("undo.slept"), t("undo.sleptBody"));
    },
  };
}

/** Reports a blocking job with a link, while it is running. */
export function BusyAlert({ busy }: { busy: string }) {
  const t = useTranslations("cleanup.busy");
  const trpc = useTRPC();
  const { data: rival } = useQuery(
    trpc.jobs.get.queryOptions(
      { id: busy },
      { refetchInterval: ({ state }) => (state.error || (state.data && !isUnfinished(state.data)) ? false : POLL_MS) },
    ),
  );
  if (rival && !isUnfinished(rival)) return null;
  return (
    <Alert color="orange" variant="light" title={t("title")} mb="md" role="alert">
      {t("body")}{" "}
      <Anchor href={`#${jobAnchor(busy)}`} size="sm">
        {t("link")}
      </Anchor>
    </Alert>
  );
}
