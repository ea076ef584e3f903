"use client";

import { Anchor, Loader, Text } from "@mantine/core";
import { useFormatter, useTranslations } from "next-intl";
import { Children } from "react";
import { withoutUnitSpace } from "@/messages/cjk-spacing";
import { Tooltip } from "../../ui/tooltip";
import type { ShownPage } from "../use-log-page";
import type { LogTotal } from "../use-log-total";
import { useTotalText } from "../use-total-text";

interface Props {
  page: ShownPage;
  total: LogTotal;
}

/** "Events 41–60 of ≈ 1.2M"; an estimate can be replaced by an exact count. */
export function RowPosition({ page, total: { total, isCounting, isExactUnavailable, countExactly } }: Props) {
  const t = useTranslations("logs.position");
  const format = useFormatter();
  const totalText = useTotalText();
  const rows = page.rows.length;
  const bounds = boundsOf(page, total?.is_exact ? total.count : null);
  const where = bounds
    ? t("rows", { first: format.number(bounds.first), last: format.number(bounds.first + rows - 1) })
    : page.lastRowFromEnd === 1
      ? t("last", { count: rows })
      : t("some", { count: rows });
  const last = bounds ? bounds.first + rows - 1 : rows;
  // Rows that arrived after the count: the total would be lower than what is shown.
  const isBehind = total !== undefined && last > total.count;

  if (!total || isBehind) return <Text size="xs">{where}</Text>;
  if (total.is_exact) return <Text size="xs">{t("of", { where, total: totalText(total) })}</Text>;
  return (
    <Text size="xs" component="span" style={{ display: "inline-flex", alignItems: "center", gap: 6 }}>
      <span>
        {t.rich("about", {
          where,
          total: totalText(total),
          count: (words) => (
            <Tooltip label={isExactUnavailable ? t("gaveUp") : t("countHint")}>
              <Anchor component="button" size="xs" disabled={isCounting} onClick={countExactly}>
                {Children.map(words, (part) => (typeof part === "string" ? withoutUnitSpace(part) : part))}
              </Anchor>
            </Tooltip>
          ),
        })}
      </span>
      {isCounting && <Loader size={12} aria-label={t("counting")} />}
      {!isCounting && isExactUnavailable && (
        <Text span size="xs" c="dimmed">
          {t("gaveUpShort")}
        </Text>
      )}
    </Text>
  );
}

function boundsOf({ rows, firstRow, lastRowFromEnd }: ShownPage, total: number | null): { first: number } | null {
  if (firstRow !== null) return { first: firstRow };
  if (lastRowFromEnd === null || total === null) return null;
  const first = total - lastRowFromEnd - rows.length + 2;
  return first >= 1 ? { first } : null;
}
