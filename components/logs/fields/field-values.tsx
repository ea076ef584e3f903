"use client";

import { ActionIcon, Button, Skeleton, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconFilterMinus, IconFilterPlus } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import type { LogTableName } from "@/server/catalog";
import { filterOf } from "../../explore/fields";
import { expectedSeconds, useAnswer } from "../../explore/result/use-answer";
import { DEFAULT_QUESTION } from "../../explore/state";
import { useExploreText } from "../../explore/use-explore-text";
import type { Chip } from "../../filter-bar/filters";
import { useErrorText } from "../../ui/use-error-text";
import { useNumberText } from "../../ui/use-number-text";
import { useNumbers } from "../../ui/use-numbers";
import type { LogQuery } from "../use-log-query";
import classes from "./field-panel.module.css";

const VALUES = 10;

interface Props {
  table: LogTableName;
  field: string;
  query: LogQuery;
  onFilter: (filter: Chip) => void;
}

/** The ten most frequent values of a field, exact, with count and share, each to be included or excluded. */
export function FieldValues({ table, field, query, onFilter }: Props) {
  const t = useTranslations("logs.fields");
  const { exact, percent } = useNumbers();
  const errorText = useErrorText();
  const { compact } = useNumberText();
  const text = useExploreText(table);
  const { filters, range, until } = query;
  const archived = query.archived.include_archived === true;
  const question = { ...DEFAULT_QUESTION, table, filters, range, groups: [field], limit: VALUES, archived };
  const { data, error, isPlaceholderData, isFetching, refetch, runSlow } = useAnswer(question, until);

  if (error) {
    const seconds = expectedSeconds(error);
    return (
      <div className={classes.note} role="alert">
        <Text size="xs">{seconds === null ? errorText(error) : t("slow", { seconds })}</Text>
        <Button
          size="compact-xs"
          variant="default"
          loading={isFetching}
          onClick={() => (seconds === null ? refetch() : runSlow())}
        >
          {t(seconds === null ? "retry" : "compute")}
        </Button>
      </div>
    );
  }
  if (!data) return <Skeleton h={84} mx={10} mb={8} w="auto" role="status" aria-label={t("loading")} />;
  const total = Number(data.totals[0] ?? 0);
  const rest = (data.group_count ?? 0) - data.rows.length;
  if (data.rows.length === 0)
    return (
      <Text className={classes.note} size="xs" c="dimmed">
        {t("none")}
      </Text>
    );
  return (
    <ul className={classes.values} data-stale={isPlaceholderData || undefined} aria-busy={isFetching}>
      {data.rows.map(([value = null, rows]) => {
        const count = Number(rows);
        const share = total === 0 ? 0 : count / total;
        const label = text.group(field, value);
        const [only, out] = [filterOf(table, field, value), filterOf(table, field, value, true)];
        return (
          <li key={JSON.stringify(value)} className={classes.value}>
            <span className={classes.bar} style={{ width: `${share * 100}%` }} aria-hidden />
            <UnstyledButton
              className={classes.text}
              title={label}
              disabled={!only}
              onClick={() => only && onFilter(only)}
            >
              <VisuallyHidden>{t("include", { field: text.field(field), value: "" })} </VisuallyHidden>
              <span className={classes.label} data-none={value === null || value === "" || undefined}>
                {label}
              </span>
              <span className={classes.count} title={exact(count)}>
                {compact(count)}
              </span>
              <span className={classes.share}>{percent(share)}</span>
            </UnstyledButton>
            <span className={classes.actions}>
              {only && (
                <ActionIcon
                  variant="default"
                  size={24}
                  tabIndex={-1}
                  aria-hidden
                  title={t("include", { field: text.field(field), value: label })}
                  onClick={() => onFilter(only)}
                >
                  <IconFilterPlus size={14} />
                </ActionIcon>
              )}
              {out && (
                <ActionIcon
                  variant="default"
                  size={24}
                  aria-label={t("exclude", { field: text.field(field), value: label })}
                  title={t("exclude", { field: text.field(field), value: label })}
                  onClick={() => onFilter(out)}
                >
                  <IconFilterMinus size={14} />
                </ActionIcon>
              )}
            </span>
          </li>
        );
      })}
      {rest > 0 && <li className={classes.rest}>{t("others", { count: rest })}</li>}
    </ul>
  );
}
