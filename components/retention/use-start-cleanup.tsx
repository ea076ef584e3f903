"use client";

import { Alert, Anchor } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { isUnderWay } from "@/components/jobs/use-job-watch";
import { useTRPC } from "@/components/trpc";
import { rivalJobOf } from "@/components/ui/error-code";
import { tellDone, tellFailed } from "@/components/ui/tell";
import { useErrorText } from "@/components/ui/use-error-text";
import type { CleanupChoice } from "./cleanup-choice";
import { jobAnchor } from "./job-card";

/** Between looks at the job that stands in the way. */
const LOOK_MS = 1_000;

/**
 * A confirmed cleanup waits here, in the page, until its time to undo is over: nothing that knows of it outlives the
 * page, so closing or reloading it is an undo too.
 */
export function useStartCleanup() {
  const t = useTranslations("cleanup");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const [waiting, setWaiting] = useState<CleanupChoice | null>(null);
  /** The job that stands in the way. */
  const [busy, setBusy] = useState<string | null>(null);
  const start = useMutation(
    trpc.retention.start.mutationOptions({
      onError: (error) => {
        const rival = rivalJobOf(error);
        if (rival) setBusy(rival);
        else tellFailed(t("busy.failed"), errorText(error));
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
      tellDone(t("undo.undone"));
    },
    /** @param late the page slept: what was confirmed was confirmed of another moment */
    go: (late: boolean) => {
      if (!waiting || start.isPending) return;
      if (!late) return start.mutate(waiting);
      setWaiting(null);
      tellFailed(t("undo.slept"), t("undo.sleptBody"));
    },
  };
}

/** Says that one of the same is under way, and leads to it, for as long as it is. */
export function BusyAlert({ busy }: { busy: string }) {
  const t = useTranslations("cleanup.busy");
  const trpc = useTRPC();
  const { data: rival } = useQuery(
    trpc.jobs.get.queryOptions(
      { id: busy },
      { refetchInterval: ({ state }) => (state.error || (state.data && !isUnderWay(state.data)) ? false : LOOK_MS) },
    ),
  );
  if (rival && !isUnderWay(rival)) return null;
  return (
    <Alert color="orange" variant="light" title={t("title")} mb="md" role="alert">
      {t("body")}{" "}
      <Anchor href={`#${jobAnchor(busy)}`} size="sm">
        {t("link")}
      </Anchor>
    </Alert>
  );
}
