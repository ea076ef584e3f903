"use client";

import { useDocumentVisibility } from "@mantine/hooks";
import { skipToken } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useState } from "react";
import { useStreamRestart } from "../live/use-stream-restart";
import { type RouterInputs, type RouterOutputs, useTRPC } from "../trpc";

export type Job = RouterOutputs["jobs"]["get"];
export type JobOf<Kind extends Job["kind"]> = Extract<Job, { kind: Kind }>;

/**
 * Subscribes to the latest and running jobs (polled twice a second) through one stream.
 * A hidden tab closes its stream and catches up when visible again.
 * @returns jobs, newest first; null until the first update
 */
export function useJobWatch(filter: RouterInputs["jobs"]["watch"]): { jobs: readonly Job[] | null; error: unknown } {
  const trpc = useTRPC();
  const visible = useDocumentVisibility() === "visible";
  const [jobs, setJobs] = useState<readonly Job[] | null>(null);
  const { status, error, reset } = useSubscription(
    trpc.jobs.watch.subscriptionOptions(visible ? filter : skipToken, { onData: setJobs }),
  );
  useStreamRestart({ status, reset });
  return { jobs, error };
}

/** Whether the job is queued or running. */
export function isUnfinished({ status }: Pick<Job, "status">): boolean {
  return status === "queued" || status === "running";
}
