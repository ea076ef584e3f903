"use client";

import { Box, Button, VisuallyHidden } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { type BrowsedTableName, browsedTables } from "@/server/catalog";
import { filterValueError } from "@/server/catalog/filter-values";
import type { TimeRange } from "../time-range/range";
import { useCodedError } from "../ui/use-coded-error";
import { type Draft, draftOf, EMPTY_DRAFT } from "./draft";
import classes from "./filter-bar.module.css";
import { FilterChip } from "./filter-chip";
import { FILTER_INPUT_ID, FilterEntry, problemIdOf } from "./filter-entry";
import {
  type Chip,
  type FilterParameters,
  isExpression,
  keyOf,
  problemOf,
  readFilters,
  typedValue,
  withFilter,
  withoutFilter,
} from "./filters";
import { useExpressionProblem } from "./use-expression-problem";
import { useFilterText } from "./use-filter-text";

interface Props {
  /** Other than the default where a page has several. */
  inputId?: string;
  table: BrowsedTableName;
  /** By parameter: `status_code`, `not_os`, `min_response_time`. */
  filters: FilterParameters;
  /** The time range of the rows, from which values are suggested. */
  range: TimeRange;
  onChange: (filters: Record<string, string>) => void;
}

/** The filters as editable chips, with an input to add more. */
export function FilterBar({ inputId = FILTER_INPUT_ID, table, filters, range, onChange }: Props) {
  const t = useTranslations("logFilter");
  const tableNames = useTranslations("tables");
  const expressionProblem = useExpressionProblem([table]);
  const codedError = useCodedError();
  const { text: filterText } = useFilterText();
  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT);
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string>();
  const [announcement, setAnnouncement] = useState("");
  const chips = readFilters(browsedTables[table], filters);

  const focusEntry = () => document.getElementById(inputId)?.focus();

  const go = (next: Draft, nextText: string) => {
    setDraft(next);
    setText(nextText);
    setProblem(undefined);
  };

  const finish = (done: readonly Chip[]) => {
    let next = { ...filters };
    for (const filter of done) {
      const edited = done.length === 1 ? draft.edited : undefined;
      const others = edited ? withoutFilter(next, edited) : next;
      const wrong = isExpression(filter) ? expressionProblem(filter.expression) : undefined;
      if (wrong) return setProblem(wrong);
      const found = isExpression(filter) ? undefined : problemOf(filter, others);
      if (found && !isExpression(filter)) {
        const isOfBar = found === "empty" || found === "contradiction";
        setProblem(isOfBar ? t(`problem.${found}`) : codedError(filterValueError(found, filter.column)));
        return;
      }
      next = withFilter(next, filter, edited);
    }
    go(EMPTY_DRAFT, "");
    setAnnouncement(t("added", { filter: done.map(filterText).join(", ") }));
    onChange(next);
  };

  const edit = (filter: Chip) => {
    go(draftOf(filter), isExpression(filter) ? filter.expression : typedValue(filter));
    focusEntry();
  };

  const remove = (filter: Chip) => {
    go(EMPTY_DRAFT, "");
    setAnnouncement(t("removed", { filter: filterText(filter) }));
    onChange(withoutFilter(filters, filter));
    focusEntry();
  };

  return (
    <Box role="search" aria-label={`${t("label")}: ${tableNames(table)}`}>
      {/* A click beside the chips focuses the input. */}
      <Box
        className={classes.bar}
        data-bad={problem === undefined ? undefined : true}
        onClick={(event) => event.target === event.currentTarget && focusEntry()}
      >
        <IconFilter className={classes.icon} size={16} stroke={1.7} aria-hidden />
        <div className={classes.content}>
          <ul className={classes.chips} aria-label={t("label")}>
            {chips.map((filter) => (
              <FilterChip
                key={keyOf(filter)}
                filter={filter}
                editing={draft.edited !== undefined && keyOf(draft.edited) === keyOf(filter)}
                onEdit={() => edit(filter)}
                onRemove={() => remove(filter)}
              />
            ))}
          </ul>
          <FilterEntry
            inputId={inputId}
            table={table}
            filters={filters}
            range={range}
            draft={draft}
            text={text}
            hasChips={chips.length > 0}
            isBad={problem !== undefined}
            onDraft={go}
            onDone={finish}
            onBefore={() => {
              const last = chips.at(-1);
              if (last) edit(last);
            }}
          />
        </div>
        {chips.length > 0 && (
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            style={{ flex: "none", alignSelf: "flex-start" }}
            onClick={() => {
              go(EMPTY_DRAFT, "");
              setAnnouncement(t("cleared"));
              onChange({});
              focusEntry();
            }}
          >
            {t("clear")}
          </Button>
        )}
      </Box>
      {problem !== undefined && (
        <div id={problemIdOf(inputId)} role="alert" className={classes.problem}>
          {problem}
        </div>
      )}
      <VisuallyHidden role="status">{announcement}</VisuallyHidden>
    </Box>
  );
}
