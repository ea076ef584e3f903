"use client";

import { Anchor, Button, UnstyledButton } from "@mantine/core";
import { IconChartBar, IconChevronDown, IconChevronRight, IconFilter, IconList } from "@tabler/icons-react";
import Link from "next/link";
import { useTimeZone, useTranslations } from "next-intl";
import { useState } from "react";
import type { FilterParameters } from "../../filter-bar/filters";
import type { ExploreText } from "../use-explore-text";
import classes from "./changes.module.css";
import type { ChangesWindow, ComparedRows } from "./changes-window";
import { filtersFor, findingGroupsHref, findingRowsHref } from "./finding-links";
import type { Finding } from "./types";
import { subjectOf, useChangesText } from "./use-changes-text";

interface Props {
  finding: Finding;
  rank: string;
  rows: ComparedRows;
  window: ChangesWindow;
  text: ExploreText;
  onFilter: (filters: FilterParameters) => void;
}

/** A value that stands out: its share now and before, and what can be done with it. */
export function Cause({ finding, rank, rows, window, text, onFilter }: Props) {
  const t = useTranslations("changes");
  const timeZone = useTimeZone() ?? "UTC";
  const { finding: sentence } = useChangesText(rows.table);
  const [isOpen, setIsOpen] = useState(false);
  const { field, value, also } = finding;
  const subject = subjectOf(finding);
  const rowsHref = findingRowsHref(rows, finding, window, timeZone);
  const filters = filtersFor(rows, finding);
  const bars = [
    { name: "now", share: finding.share_now, count: finding.rows_now },
    { name: "before", share: finding.share_before, count: finding.rows_before },
  ] as const;

  return (
    <div className={classes.cause} data-subject={subject}>
      <span className={classes.rank} aria-hidden>
        {rank}
      </span>
      <div className={classes.body}>
        <div className={classes.subject}>{t(`subjects.${subject}`)}</div>
        <div className={classes.value}>
          <span className={classes.field}>{text.field(field)}</span>{" "}
          <span className={classes.code} data-none={value === null || value === "" || undefined}>
            {text.group(field, value)}
          </span>
        </div>
        <p className={classes.share}>{sentence(finding)}</p>
        <dl className={classes.bars}>
          {bars.map((bar) => (
            <div key={bar.name} className={classes.bar} data-when={bar.name}>
              <dt>{t(bar.name)}</dt>
              <dd>
                <span className={classes.track} aria-hidden>
                  <span className={classes.fill} style={{ width: `${(bar.share * 100).toFixed(2)}%` }} />
                </span>
                <span className={classes.count}>{t("rows", { count: bar.count })}</span>
              </dd>
            </div>
          ))}
        </dl>
        <div className={classes.actions}>
          {rowsHref && (
            <Button
              component={Link}
              href={rowsHref}
              prefetch={false}
              size="compact-xs"
              variant="light"
              leftSection={<IconList size={14} />}
            >
              {t("showRows")}
            </Button>
          )}
          {filters && (
            <Button
              size="compact-xs"
              variant="default"
              leftSection={<IconFilter size={14} />}
              onClick={() => onFilter(filters)}
            >
              {t("filterFor")}
            </Button>
          )}
          <Button
            component={Link}
            href={findingGroupsHref(rows, finding, window, timeZone)}
            prefetch={false}
            size="compact-xs"
            variant="default"
            leftSection={<IconChartBar size={14} />}
          >
            {t("groupBy")}
          </Button>
        </div>
        {also.length > 0 && (
          <>
            <UnstyledButton className={classes.toggle} aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
              {isOpen ? <IconChevronDown size={14} aria-hidden /> : <IconChevronRight size={14} aria-hidden />}
              {t("also", { count: also.length })}
            </UnstyledButton>
            {isOpen && (
              <ul className={classes.also}>
                {also.map((other) => {
                  const own = filtersFor(rows, other);
                  return (
                    <li key={JSON.stringify([other.field, other.value])}>
                      <span className={classes.field}>{text.field(other.field)}</span>{" "}
                      <span className={classes.code}>{text.group(other.field, other.value)}</span>{" "}
                      {own && (
                        <Anchor component="button" type="button" fz="xs" onClick={() => onFilter(own)}>
                          {t("filterFor")}
                        </Anchor>
                      )}
                    </li>
                  );
                })}
              </ul>
            )}
          </>
        )}
      </div>
    </div>
  );
}
