"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useOldSince } from "../../live/use-old-since";
import { useRunText } from "../../schedules/use-run-text";
import { useTRPC } from "../../trpc";
import { OldFigures } from "../../ui/old-figures";
import { QueryError } from "../../ui/query-error";
import { RowsSkeleton } from "../../ui/rows-skeleton";
import classes from "./section.module.css";
import { REFRESH_MS } from "./section-props";
import { When } from "./when";

/** The scheduled tasks with their last and next runs. */
export function ScheduleSection() {
  const t = useTranslations("tasks");
  const trpc = useTRPC();
  const { outcome } = useRunText();
  const query = useQuery(trpc.schedules.status.queryOptions(undefined, { refetchInterval: REFRESH_MS }));
  const since = useOldSince(query);
  if (query.isPending) return <RowsSkeleton />;
  if (!query.data) return <QueryError query={query} />;
  const now = query.dataUpdatedAt;
  return (
    <OldFigures since={since} mb="xs">
      <div className={classes.scroll}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t("title")}</th>
              <th scope="col">{t("lastRun")}</th>
              <th scope="col">{t("nextRun")}</th>
            </tr>
          </thead>
          <tbody>
            {query.data.tasks.map(({ name, last_run: last, next_run_at: next, missed_runs: missed }) => (
              <tr key={name}>
                <th scope="row">
                  <Link prefetch={false} href={`/schedules#${name}`} style={{ color: "inherit" }}>
                    {t(`names.${name}`)}
                  </Link>
                </th>
                <td>
                  {last === null ? (
                    t("never")
                  ) : (
                    <>
                      <span className={classes.status} data-status={last.status}>
                        {t(`status.${last.status}`)}
                      </span>{" "}
                      · <When at={last.started_at ?? last.due_at} now={now} />
                      {outcome(last) && <> · {outcome(last)}</>}
                    </>
                  )}
                  {missed > 0 && <> · {t("missed", { count: missed })}</>}
                </td>
                <td>
                  {next === null ? (
                    t("nextNone")
                  ) : Date.parse(next) <= now ? (
                    t("nextDue")
                  ) : (
                    <When at={next} now={now} />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </OldFigures>
  );
}
