"use client";

import { useFormatter, useTranslations } from "next-intl";
import type { LogTableName } from "@/server/catalog";
import { useDuration } from "../../ui/use-duration";
import type { ChangesWindow } from "./changes-window";
import type { Finding } from "./types";

const UNITS = [
  { name: "days", ms: 86_400_000 },
  { name: "hours", ms: 3_600_000 },
  { name: "minutes", ms: 60_000 },
] as const;
/** Lower shares would be displayed as none. */
const MIN_SHARE = 0.001;

/** Which rows a finding is about. */
export type Subject = "rows" | "failed" | "refused" | "slow";

export function subjectOf({ kind, rows_filter }: Pick<Finding, "kind" | "rows_filter">): Subject {
  if (kind !== "errors") return kind;
  return rows_filter?.includes("4xx") ? "refused" : "failed";
}

/** The texts of the panel. */
export function useChangesText(table: LogTableName) {
  const t = useTranslations("changes");
  const common = useTranslations("common");
  const format = useFormatter();
  const duration = useDuration();
  /** `the 30 minutes before`, and with several units `the 1 h 20 min before`. */
  const previous = (ms: number): string => {
    const unit = UNITS.find((one) => ms >= one.ms && ms % one.ms === 0);
    return unit
      ? t(`previous.${unit.name}`, { n: ms / unit.ms })
      : t("previous.other", { length: duration(ms / 1_000) });
  };
  const share = (value: number): string => {
    const isTiny = value > 0 && value < MIN_SHARE;
    const text = format.number(isTiny ? MIN_SHARE : value, { style: "percent", maximumFractionDigits: 1 });
    return isTiny ? t("under", { share: text }) : text;
  };
  return {
    baseline: (window: ChangesWindow): string => {
      if (window.baseline !== "previous") return t(`baselines.${window.baseline}`);
      return previous(window.to - window.from);
    },
    /** `62% of server errors (5xx), 3% before`. */
    finding: (finding: Finding): string => {
      const subject = subjectOf(finding);
      const [, limit = ""] = /([\d.]+)$/.exec(finding.rows_filter ?? "") ?? [];
      const of =
        subject === "rows"
          ? t(`of.${table}`)
          : t(`of.${subject}`, { time: common("milliseconds", { value: format.number(Number(limit)) }) });
      const now = share(finding.share_now);
      return finding.rows_before === 0
        ? t("shareNew", { now, of })
        : t("share", { now, of, before: share(finding.share_before) });
    },
  };
}
