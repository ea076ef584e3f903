"use client";

import { useDocumentVisibility } from "@mantine/hooks";
import { skipToken } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useState } from "react";
import { useStreamRestart } from "../live/use-stream-restart";
import { type RouterInputs, type RouterOutputs, useTRPC } from "../trpc";

export type Job = RouterOutputs["jobs"]["get"];

/**
 * The newest jobs and those that run, as they change (looked for twice a second): one stream, whatever their number.
 * A hidden tab lets go of its own and catches up when it is seen again.
 * @returns jobs, the newest first; null until the first look
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

/** Whether the job waits or runs. */
export function isUnderWay({ status }: Pick<Job, "status">): boolean {
  return status === "queued" || status === "running";
}
