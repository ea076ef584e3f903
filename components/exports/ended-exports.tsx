"use client";

import { Button, Center, Title } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { isUnfinished, type JobOf } from "../jobs/use-job-watch";
import { Panel } from "../ui/panel";
import { EndedExport } from "./ended-export";
import type { ExportChoices } from "./export-choices";
import classes from "./export-list.module.css";

const FIRST = 5;

interface Props {
  jobs: readonly JobOf<"export">[];
  onEdit: (choices: Partial<ExportChoices>) => void;
}

/** Failed and cancelled exports. */
export function EndedExports({ jobs, onEdit }: Props) {
  const t = useTranslations("exports");
  const [isWhole, setWhole] = useState(false);
  const running = jobs.filter(isUnfinished);
  const ended = jobs.filter(({ status }) => status === "failed" || status === "cancelled");
  if (ended.length === 0) return null;

  return (
    <Panel aria-labelledby="ended-exports" mb="lg">
      <Title order={2} id="ended-exports" className={classes.title}>
        {t("ended")}
      </Title>
      <ul className={classes.list}>
        {ended.slice(0, isWhole ? undefined : FIRST).map((job) => (
          <EndedExport key={job.job_id} job={job} running={running} onEdit={onEdit} />
        ))}
      </ul>
      {!isWhole && ended.length > FIRST && (
        <Center p="sm">
          <Button size="xs" variant="default" onClick={() => setWhole(true)}>
            {t("showAll", { count: ended.length })}
          </Button>
        </Center>
      )}
    </Panel>
  );
}
