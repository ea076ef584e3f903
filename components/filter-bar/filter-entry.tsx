"use client";

import { Combobox, Loader, useCombobox } from "@mantine/core";
import { useTranslations } from "next-intl";
import { type ClipboardEvent, type KeyboardEvent, useState } from "react";
import { type BrowsedTableName, browsedTables } from "@/server/catalog";
import type { TimeRange } from "../time-range/range";
import { useColumnLabels } from "../ui/use-column-labels";
import { type Draft, EMPTY_DRAFT, stepBack } from "./draft";
import { withFieldNames } from "./field-names";
import classes from "./filter-bar.module.css";
import { type Chip, type FilterParameters, typedValue } from "./filters";
import { readTypedFilters, typedChip } from "./typed-filters";
import { useFilterOptions } from "./use-filter-options";
import { useFilterText } from "./use-filter-text";

/** ID of the filter input, which a keyboard shortcut focuses. */
export const FILTER_INPUT_ID = "log-filter";
/** The ID of the message about the text of an input. */
export const problemIdOf = (inputId: string) => `${inputId}-problem`;

interface Props {
  inputId: string;
  table: BrowsedTableName;
  /** The current filters and range, under which values are suggested. */
  filters: FilterParameters;
  range: TimeRange;
  draft: Draft;
  text: string;
  hasChips: boolean;
  isBad: boolean;
  onDraft: (draft: Draft, text: string) => void;
  onDone: (filters: readonly Chip[]) => void;
  /** Called on Backspace in an empty input. */
  onBefore: () => void;
}

/** The filter input: column, operator and value one after another, usable by keyboard. */
export function FilterEntry(props: Props) {
  const { inputId, table, filters, range, draft, text, hasChips, isBad, onDraft, onDone, onBefore } = props;
  const t = useTranslations("logFilter");
  const labels = useColumnLabels();
  const { text: filterText } = useFilterText();
  /** Whether the user has moved to an option: Enter accepts a guess only then. */
  const [hasMoved, setHasMoved] = useState(false);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  // The names of fields as the expression language knows them.
  const named = draft.stage === "column" ? withFieldNames(browsedTables[table], text, labels) : text;
  const { options, isLoading } = useFilterOptions(table, draft, named, {
    filters,
    range,
    isOpen: combobox.dropdownOpened,
  });
  const columnLabel = draft.stage === "column" ? "" : (labels[draft.column.name] ?? draft.column.name);
  const before = draft.stage === "value" ? filterText({ ...draft, value: "" }).trim() : columnLabel;
  const label =
    draft.stage === "column"
      ? t("add")
      : draft.stage === "operator"
        ? t("operatorLabel", { column: columnLabel })
        : t("valueLabel", { filter: before });
  const placeholder =
    draft.stage === "value"
      ? t(`valueHint.${draft.column.codes ? "exact" : (draft.column.filter ?? "exact")}`)
      : draft.stage === "operator" || hasChips
        ? t("more")
        : t("placeholder", { example: browsedTables[table].filterExample });

  const { filterExample: example } = browsedTables[table];
  const empty = {
    column: t("nothing", { example }),
    operator: t("noOperator"),
    value: isLoading ? t("loading") : t("noValues"),
  }[draft.stage];

  /** Closes the dropdown, which covers the results or the error below it. */
  const done = (filters: readonly Chip[]) => {
    onDone(filters);
    combobox.closeDropdown();
  };

  const choose = (key: string) => {
    const to = options.find((option) => option.key === key)?.to;
    if (!to) return;
    combobox.resetSelectedOption();
    if ("text" in to) {
      onDraft(draft, to.text);
      combobox.openDropdown();
    } else if ("stage" in to) {
      const initial = to.stage === "value" && to.edited ? typedValue(to.edited) : "";
      onDraft(to, initial);
      combobox.openDropdown();
    } else {
      done(to);
    }
  };

  const onPaste = (event: ClipboardEvent) => {
    if (draft.stage !== "column" || text !== "") return;
    const filters = readTypedFilters(browsedTables[table], event.clipboardData.getData("text"), labels);
    if (!filters) return;
    event.preventDefault();
    done(filters);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Backspace" && text === "") {
      event.preventDefault();
      if (draft.stage === "column") onBefore();
      else onDraft(stepBack(draft), "");
    } else if (event.key === "Escape" && (draft.stage !== "column" || text !== "")) {
      event.stopPropagation();
      onDraft(EMPTY_DRAFT, "");
    } else if (event.key === "Escape" && !combobox.dropdownOpened) {
      event.currentTarget.blur();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      setHasMoved(true);
    } else if (event.key === "Enter" && draft.stage === "value" && combobox.getSelectedOptionIndex() === -1) {
      done([typedChip({ column: draft.column, operator: draft.operator, value: text.trim() })]);
    } else if (event.key === "Enter" && draft.stage === "column" && named.trim() !== "") {
      const isGuess = !hasMoved && options[0]?.isGuess === true;
      if (!isGuess && options.length > 0) return;
      combobox.resetSelectedOption();
      // Not a valid expression: shows the reason.
      done([{ expression: named.trim() }]);
    }
  };

  return (
    <Combobox
      store={combobox}
      onOptionSubmit={choose}
      width={340}
      position="bottom-start"
      shadow="md"
      middlewares={{ flip: true, shift: { padding: 12 } }}
    >
      <div className={classes.entry}>
        {before !== "" && <span className={classes.draft}>{before}</span>}
        <Combobox.Target withExpandedAttribute>
          <input
            id={inputId}
            className={classes.input}
            value={text}
            placeholder={placeholder}
            aria-label={label}
            aria-invalid={isBad || undefined}
            aria-describedby={isBad ? problemIdOf(inputId) : undefined}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            enterKeyHint={draft.stage === "value" ? "done" : "next"}
            onChange={(event) => {
              setHasMoved(false);
              onDraft(draft, event.currentTarget.value);
              combobox.openDropdown();
              if (event.currentTarget.value.trim() === "") combobox.resetSelectedOption();
              else combobox.selectFirstOption();
            }}
            onFocus={() => combobox.openDropdown()}
            onClick={() => combobox.openDropdown()}
            onBlur={() => combobox.closeDropdown()}
            onPaste={onPaste}
            onKeyDown={onKeyDown}
          />
        </Combobox.Target>
        {isLoading && <Loader size={14} aria-hidden />}
      </div>
      <Combobox.Dropdown hidden={draft.stage === "value" && draft.column.filter === "range"}>
        <Combobox.Options mah={320} style={{ overflowY: "auto" }} aria-label={label}>
          {options.map((option) => (
            <Combobox.Option key={option.key} value={option.key} className={classes.option}>
              <span className={classes.optionLabel}>{option.label}</span>
              {option.hint && <span className={classes.optionHint}>{option.hint}</span>}
            </Combobox.Option>
          ))}
          {options.length === 0 && <Combobox.Empty>{empty}</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
