"use client";

import { Stack, Title } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useRef, useState } from "react";
import { isUnfinished } from "@/components/jobs/use-job-watch";
import { Panel } from "@/components/ui/panel";
import { JobCard } from "./job-card";
import type { RetentionJob } from "./use-job-name";

/** Running jobs, and those that ended while the page was open, until they are dismissed. */
export function JobsPanel({ jobs }: { jobs: readonly RetentionJob[] | null }) {
  const t = useTranslations("cleanup.jobs");
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [seen, setSeen] = useState<ReadonlySet<string> | null>(null);
  const title = useRef<HTMLHeadingElement>(null);
  // Jobs that ended before the page was opened are in the history.
  if (jobs !== null && seen === null)
    setSeen(new Set(jobs.filter((job) => !isUnfinished(job)).map(({ job_id }) => job_id)));
  const shown = (jobs ?? []).filter(({ job_id }) => !hidden.has(job_id) && seen !== null && !seen.has(job_id));
  if (shown.length === 0) return null;
  const hide = (id: string) => {
    setHidden(new Set([...hidden, id]));
    // The focused button is removed with its card.
    (shown.length > 1 ? title.current : document.getElementById("main"))?.focus();
  };
  return (
    <Panel mb="lg" p={{ base: "md", sm: "lg" }} aria-labelledby="jobs">
      <Title order={2} id="jobs" mb="sm" ref={title} tabIndex={-1}>
        {t("title")}
      </Title>
      <Stack gap="lg">
        {shown.map((job) => (
          <JobCard key={job.job_id} job={job} onHide={() => hide(job.job_id)} />
        ))}
      </Stack>
    </Panel>
  );
}
