"use client";

import { Checkbox, Group, NativeSelect, NumberInput, Radio, Stack, Text } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { INTERVALS, ORDERS, type Order } from "@/server/catalog/explore";
import { boundsOf } from "../../time-range/bounds";
import { DEFAULT_QUESTION, type ExploreQuestion, MAX_LIMIT } from "../state";
import type { Measure } from "../types";
import { useExploreText } from "../use-explore-text";
import { SentencePart } from "./sentence-part";

const HOUR_MS = 3_600_000;
const NONE = "none";

interface Props {
  question: ExploreQuestion;
  onChange: (next: ExploreQuestion) => void;
}

/** Which table is asked. Filters and fields of the other one do not apply to it. */
export function TablePart({ question, onChange }: Props) {
  const t = useTranslations("explore");
  const value = t(`of.${question.table}`);
  return (
    <SentencePart text={value} label={t("parts.table", { value })} width={220}>
      {(close) => (
        <Radio.Group
          value={question.table}
          onChange={(name) => {
            const table = LOG_TABLE_NAMES.find((known) => known === name);
            close();
            if (table && table !== question.table)
              onChange({ ...DEFAULT_QUESTION, table, range: question.range, interval: question.interval });
          }}
        >
          <Stack gap="xs">
            {LOG_TABLE_NAMES.map((name) => (
              <Radio key={name} value={name} label={t(`tables.${name}`)} />
            ))}
          </Stack>
        </Radio.Group>
      )}
    </SentencePart>
  );
}

/** Whether and in which steps the answer is over time. */
export function IntervalPart({ question, isBad, onChange }: Props & { isBad: boolean }) {
  const t = useTranslations("explore");
  const { interval } = question;
  const value = interval === null ? t("everyNone") : t(`every.${interval}`);
  return (
    <SentencePart
      text={value}
      label={t("parts.interval", { value })}
      isEmpty={interval === null}
      isBad={isBad}
      width={260}
    >
      {(close) => (
        <Radio.Group
          value={interval ?? NONE}
          onChange={(name) => {
            close();
            onChange({ ...question, interval: INTERVALS.find((known) => known === name) ?? null });
          }}
        >
          <Stack gap="xs">
            <Radio value={NONE} label={t("everyOption.none")} />
            {INTERVALS.map((name) => (
              <Radio key={name} value={name} label={t(`everyOption.${name}`)} />
            ))}
          </Stack>
        </Radio.Group>
      )}
    </SentencePart>
  );
}

/** How many groups are listed, and by which measure they are ranked. */
export function TopPart({ question, onChange }: Props) {
  const t = useTranslations("explore");
  const text = useExploreText(question.table);
  const { order, limit, measures, compare } = question;
  const ranked = measures[order.measure];
  const rank = (own: Measure | undefined, by: Order) => {
    const measure = own ? text.measure(own) : "";
    return by === "change" ? t("top.change", { measure: text.inText(measure) }) : measure;
  };
  const value = t(`top.${order.direction}`, { limit, measure: text.inText(rank(ranked, order.by)) });
  const orders = compare ? ORDERS : (["value"] as const);
  const choices = measures.flatMap((own, index) =>
    orders.map((by) => ({ value: `${by} ${index}`, label: rank(own, by), order: { measure: index, by } })),
  );
  return (
    <SentencePart text={value} label={t("parts.top", { value })}>
      {() => (
        <Stack gap="sm">
          <NumberInput
            label={t("edit.limit")}
            min={1}
            max={MAX_LIMIT}
            clampBehavior="strict"
            value={limit}
            data-autofocus
            onChange={(next) => typeof next === "number" && next >= 1 && onChange({ ...question, limit: next })}
          />
          {choices.length > 1 && (
            <NativeSelect
              label={t("edit.orderBy")}
              data={choices.map(({ value: name, label }) => ({ value: name, label }))}
              value={`${order.by} ${order.measure}`}
              onChange={({ currentTarget }) => {
                const chosen = choices.find(({ value: name }) => name === currentTarget.value);
                if (chosen) onChange({ ...question, order: { ...order, ...chosen.order } });
              }}
            />
          )}
          <Radio.Group
            label={t("edit.direction")}
            value={order.direction}
            onChange={(next) =>
              onChange({ ...question, order: { ...order, direction: next === "asc" ? "asc" : "desc" } })
            }
          >
            <Group gap="md" mt={4}>
              <Radio value="desc" label={t("edit.desc")} />
              <Radio value="asc" label={t("edit.asc")} />
            </Group>
          </Radio.Group>
          <Text size="xs" c="dimmed">
            {t("edit.topHint")}
          </Text>
        </Stack>
      )}
    </SentencePart>
  );
}

/** Whether the answer is compared with the period before, and whether it includes archived rows. */
export function ComparePart({ question, onChange }: Props) {
  const t = useTranslations("explore");
  const timeZone = useTimeZone() ?? "UTC";
  const bounds = boundsOf(question.range, Date.now(), timeZone);
  const hours = bounds ? Math.round((bounds.to - bounds.from) / HOUR_MS) : 0;
  const periods: Readonly<Record<number, "hour" | "day" | "week" | "month">> = {
    1: "hour",
    24: "day",
    168: "week",
    720: "month",
  };
  const compared = question.compare ? t(`compared.${periods[hours] ?? "other"}`) : t("compareNone");
  const value = question.archived ? `${compared} · ${t("archived")}` : compared;
  return (
    <SentencePart text={value} label={t("parts.compare", { value })} isEmpty={!question.compare && !question.archived}>
      {() => (
        <Stack gap="sm">
          <Radio.Group
            value={question.compare ? "previous" : NONE}
            onChange={(next) => onChange({ ...question, compare: next === "previous" })}
          >
            <Stack gap="xs">
              <Radio value={NONE} label={t("compareOption.none")} />
              <Radio value="previous" label={t("compareOption.previous")} disabled={question.range === null} />
            </Stack>
          </Radio.Group>
          {question.range === null && (
            <Text size="xs" c="dimmed">
              {t("compareAllTime")}
            </Text>
          )}
          <Checkbox
            label={t("archivedOption")}
            description={t("archivedHint")}
            checked={question.archived}
            onChange={(event) => onChange({ ...question, archived: event.currentTarget.checked })}
          />
        </Stack>
      )}
    </SentencePart>
  );
}
