"use client";

import { UnstyledButton } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import classes from "./filter-bar.module.css";
import { type Chip, isExpression, isNegative } from "./filters";
import { useFilterText } from "./use-filter-text";

interface Props {
  filter: Chip;
  editing: boolean;
  onEdit: () => void;
  onRemove: () => void;
}

/** A filter chip: its label edits it, the cross removes it. */
export function FilterChip({ filter, editing, onEdit, onRemove }: Props) {
  const t = useTranslations("logFilter");
  const { text, rich } = useFilterText();
  const words = text(filter);
  return (
    <li
      className={classes.chip}
      data-editing={editing || undefined}
      data-not={(!isExpression(filter) && isNegative(filter.operator)) || undefined}
      data-expression={isExpression(filter) || undefined}
    >
      <UnstyledButton
        className={classes.words}
        title={words}
        aria-label={t("edit", { filter: words })}
        onClick={onEdit}
      >
        {rich(filter, (chunks) => (
          <span className={classes.quiet}>{chunks}</span>
        ))}
      </UnstyledButton>
      <UnstyledButton className={classes.remove} aria-label={t("remove", { filter: words })} onClick={onRemove}>
        <IconX size={14} stroke={2} />
      </UnstyledButton>
    </li>
  );
}
