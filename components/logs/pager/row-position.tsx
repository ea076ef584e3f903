"use client";

import { Anchor, Loader, Text, Tooltip } from "@mantine/core";
import { useFormatter, useTranslations } from "next-intl";
import type { useLogCount } from "../use-log-count";
import type { ShownPage } from "../use-log-page";

interface Props {
  page: ShownPage;
  counting: ReturnType<typeof useLogCount>;
}

/** "Rows 41–60 of about 1.2 million"; an estimate can be counted out. */
export function RowPosition({ page, counting }: Props) {
  const t = useTranslations("logs.position");
  const format = useFormatter();
  const { count, isCounting, failed, countExactly } = counting;
  const rows = page.rows.length;
  const bounds = boundsOf(page, count?.is_exact ? count.count : null);
  const where = bounds
    ? t("rows", { first: format.number(bounds.first), last: format.number(bounds.first + rows - 1) })
    : page.lastRowFromEnd === 1
      ? t("last", { count: rows })
      : t("some", { count: rows });
  // The end itself has been seen: no estimate knows it better.
  const seen = bounds && page.next === null ? bounds.first + rows - 1 : null;

  if (seen !== null || count?.is_exact) {
    return <Text size="xs">{t("of", { where, total: format.number(seen ?? count?.count ?? 0) })}</Text>;
  }
  if (!count) return <Text size="xs">{where}</Text>;
  const least = bounds ? bounds.first + rows : rows;
  const about = format.number(Math.max(count.count, least), {
    notation: "compact",
    compactDisplay: "long",
    maximumSignificantDigits: 2,
  });
  return (
    <Text size="xs" component="span" style={{ display: "inline-flex", alignItems: "center", gap: 6 }}>
      <span>
        {t.rich("about", {
          where,
          total: about,
          count: (words) => (
            <Tooltip label={failed || count.gave_up ? t("gaveUp") : t("countHint")}>
              <Anchor component="button" size="xs" disabled={isCounting} onClick={countExactly}>
                {words}
              </Anchor>
            </Tooltip>
          ),
        })}
      </span>
      {isCounting && <Loader size={12} aria-label={t("counting")} />}
      {!isCounting && (failed || count.gave_up) && (
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
