"use client";

import { Stack, Title } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { isUnderWay, type Job } from "../jobs/use-job-watch";
import { Panel } from "../ui/panel";
import { JobCard } from "./job-card";

/** Jobs under way, and those that ended while the page was open, until they are put away. */
export function JobsPanel({ jobs }: { jobs: readonly Job[] | null }) {
  const t = useTranslations("cleanup.jobs");
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [seen, setSeen] = useState<ReadonlySet<string> | null>(null);
  // What had ended before the page was opened is history.
  if (jobs !== null && seen === null)
    setSeen(new Set(jobs.filter((job) => !isUnderWay(job)).map(({ job_id }) => job_id)));
  const shown = (jobs ?? []).filter(({ job_id }) => !hidden.has(job_id) && seen !== null && !seen.has(job_id));
  if (shown.length === 0) return null;
  return (
    <Panel mb="lg" p={{ base: "md", sm: "lg" }} aria-labelledby="jobs">
      <Title order={2} id="jobs" mb="sm">
        {t("title")}
      </Title>
      <Stack gap="lg">
        {shown.map((job) => (
          <JobCard key={job.job_id} job={job} onHide={() => setHidden(new Set([...hidden, job.job_id]))} />
        ))}
      </Stack>
    </Panel>
  );
}
