"use client";

import { ActionIcon, Anchor, Text } from "@mantine/core";
import { IconLink, IconRefresh } from "@tabler/icons-react";
import Link from "next/link";
import { useTimeZone, useTranslations } from "next-intl";
import { useState } from "react";
import { AddToDashboard } from "../dashboards/add-to-dashboard";
import { CopyAction } from "../ui/copy-action";
import { PageHeader } from "../ui/page-header";
import { Panel } from "../ui/panel";
import { Tooltip } from "../ui/tooltip";
import { ChangesPanel } from "./changes/changes-panel";
import { useChangesWindow } from "./changes/use-changes-window";
import layout from "./explore-page.module.css";
import { AnswerView } from "./explore-result";
import { ExportMenu } from "./export-menu";
import { exploreHref } from "./href";
import { useAnswer } from "./result/use-answer";
import { Sentence } from "./sentence/sentence";
import classes from "./sentence/sentence.module.css";
import { DEFAULT_QUESTION, type ExploreQuestion, writeExplore } from "./state";
import { useExploreState } from "./use-explore-state";

const EXAMPLES: Readonly<
  Record<"errorTimes" | "topClients" | "slowRoutes" | "usersByRegion" | "busyHours", Partial<ExploreQuestion>>
> = {
  errorTimes: { interval: "1h", filters: { status_code: "5xx" }, range: { last: "2d" } },
  topClients: { groups: ["ip_address"], filters: { status_code: "5xx" } },
  slowRoutes: {
    groups: ["route"],
    measures: [{ fn: "p95", field: "response_time" }, { fn: "count" }],
    range: { last: "7d" },
    compare: true,
    order: { measure: 0, direction: "desc", by: "change" },
    limit: 25,
  },
  usersByRegion: { groups: ["region"], measures: [{ fn: "distinct", field: "user_id" }] },
  busyHours: { groups: ["weekday", "hour_of_day"], range: { last: "7d" }, limit: 168 },
};

/** The page to ask questions about log rows: a sentence, a chart and a table. */
export function ExplorePage() {
  const t = useTranslations("explore");
  const timeZone = useTimeZone() ?? "UTC";
  const { question, view, setQuestion, setView } = useExploreState();
  const changes = useChangesWindow();
  // The end of a relative range, until the next refresh or question.
  const key = JSON.stringify(question);
  const [asked, setAsked] = useState(() => ({ key, now: Date.now() }));
  if (asked.key !== key) setAsked({ key, now: Date.now() });
  const answer = useAnswer(question, asked.now);
  const isUntouched = writeExplore(question) === writeExplore(DEFAULT_QUESTION);

  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle", { timeZone })}>
        <AddToDashboard question={question} view={view} />
        <ExportMenu question={question} answer={answer.data} />
        <CopyAction label={t("copyLink")} text={() => window.location.href} size={36}>
          <IconLink size={18} stroke={1.6} />
        </CopyAction>
        <Tooltip label={t("refresh")}>
          <ActionIcon
            variant="default"
            size={36}
            aria-label={t("refresh")}
            loading={answer.isFetching}
            onClick={() => setAsked({ key, now: Date.now() })}
          >
            <IconRefresh size={18} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      </PageHeader>
      <Sentence question={question} error={answer.error} onChange={setQuestion} />
      {isUntouched && (
        <div className={classes.examples}>
          <Text size="sm" c="dimmed">
            {t("examples.title")}
          </Text>
          {(["errorTimes", "topClients", "slowRoutes", "usersByRegion", "busyHours"] as const).map((name) => (
            <Anchor key={name} component={Link} size="sm" prefetch={false} href={exploreHref(EXAMPLES[name])}>
              {t(`examples.${name}`)}
            </Anchor>
          ))}
        </div>
      )}
      <div className={layout.split} data-explained={changes.window !== null || undefined}>
        {changes.window && (
          <ChangesPanel
            rows={question}
            window={changes.window}
            onWindow={changes.change}
            onFilter={(filters) => setQuestion({ ...question, filters })}
            hasFocus={changes.isOpenedHere}
          />
        )}
        <Panel p={{ base: "sm", sm: "lg" }} aria-label={t("title")} style={{ minWidth: 0 }}>
          <AnswerView
            query={question}
            view={view}
            now={asked.now}
            answer={answer}
            onChange={setQuestion}
            onView={setView}
            onChanges={changes.open}
            marked={changes.window}
          />
        </Panel>
      </div>
    </>
  );
}
