"use client";

import { useEffect, useRef, useState } from "react";
import { rateOf, type Sample, withSample } from "./rate";
import { isUnfinished, type Job } from "./use-job-watch";

const SAMPLE_MS = 1_000;

/** The rows per second of a running job, as observed by this page; null without enough samples. */
export function useJobRate(job: Pick<Job, "status" | "progress">): number | null {
  const done = useRef(job.progress.done);
  done.current = job.progress.done;
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const isRunning = isUnfinished(job);
  useEffect(() => {
    if (!isRunning) return;
    const sample = () => setSamples((old) => withSample(old, { at: performance.now(), done: done.current }));
    sample();
    const timer = setInterval(sample, SAMPLE_MS);
    return () => clearInterval(timer);
  }, [isRunning]);
  return rateOf(samples);
}
