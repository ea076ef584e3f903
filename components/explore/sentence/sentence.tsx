"use client";

import { useLocale, useTranslations } from "next-intl";
import { Fragment, type ReactNode } from "react";
import { FilterBar } from "../../filter-bar/filter-bar";
import { TimeRangePicker } from "../../time-range/time-range-picker";
import { refusalOf } from "../../ui/error-code";
import { useCodedError } from "../../ui/use-coded-error";
import type { ExploreQuestion } from "../state";
import { ComparePart, IntervalPart, TablePart, TopPart } from "./choices";
import { GroupsPart } from "./groups-part";
import { MeasuresPart } from "./measures-part";
import classes from "./sentence.module.css";

interface Props {
  question: ExploreQuestion;
  /** The error of the question's answer, shown at the parts that caused it. */
  error: unknown;
  onChange: (next: ExploreQuestion) => void;
}

/** The question as one sentence, each part a button, then the filters and the time range. */
export function Sentence({ question, error, onChange }: Props) {
  const t = useTranslations("explore");
  const isChinese = useLocale().startsWith("zh");
  const codedError = useCodedError();
  const problems = refusalOf(error)?.errors ?? [];
  const isBad = (name: string) => problems.some(({ path }) => path === name || path.startsWith(`${name}.`));
  const part = { question, onChange };
  const measures = <MeasuresPart {...part} isBad={isBad("measures")} />;
  const table = <TablePart {...part} />;
  // In Chinese, what is counted follows where it is.
  const subject: ReactNode = isChinese ? (
    <>
      {table}
      <span className={classes.dot}>·</span>
      {measures}
    </>
  ) : (
    <>
      {measures}
      {table}
    </>
  );
  const parts: [string, ReactNode][] = [
    ["subject", subject],
    ["groups", <GroupsPart key="groups" {...part} isBad={isBad("group_by")} />],
    ...(question.groups.length > 0 ? ([["top", <TopPart key="top" {...part} />]] as [string, ReactNode][]) : []),
    ["interval", <IntervalPart key="interval" {...part} isBad={isBad("interval")} />],
    ["compare", <ComparePart key="compare" {...part} />],
  ];
  return (
    <section aria-label={t("sentence")}>
      <div className={classes.sentence}>
        {parts.map(([name, node], index) => (
          <Fragment key={name}>
            {index > 0 && (
              <span className={classes.dot} aria-hidden>
                ·
              </span>
            )}
            {node}
          </Fragment>
        ))}
      </div>
      {problems.map((problem) => (
        <p key={problem.path} className={classes.problem} role="alert">
          {codedError(problem)}
        </p>
      ))}
      <div className={classes.search}>
        <div className={classes.filters}>
          <FilterBar
            key={question.table}
            table={question.table}
            filters={question.filters}
            range={question.range}
            onChange={(filters) => onChange({ ...question, filters })}
          />
        </div>
        <TimeRangePicker
          range={question.range}
          onChange={(range) => onChange({ ...question, range, compare: question.compare && range !== null })}
        />
      </div>
    </section>
  );
}
