"use client";

import { Group, SegmentedControl, Stack, Switch, Text, Title } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { LOCALE_NAMES } from "@/messages/locales";
import { logTables } from "@/server/catalog";
import { EXPORT_CHOICES, EXPORT_COMPRESSIONS } from "@/server/catalog/export-formats";
import { FilterBar } from "../filter-bar/filter-bar";
import type { Job } from "../jobs/use-job-watch";
import { TimeRangePicker } from "../time-range/time-range-picker";
import { Panel } from "../ui/panel";
import { ColumnsField } from "./columns-field";
import { EXPORT_TYPES, type ExportChoices, formatOf, formatsOf, HEADERS, tableOf } from "./export-choices";
import classes from "./export-form.module.css";
import { ExportPreview } from "./export-preview";
import { Field } from "./field";
import { JsonColumnsField } from "./json-columns-field";

interface Props {
  choices: ExportChoices;
  onChange: (change: Partial<ExportChoices>) => void;
  /** Running exports that an identical request would join. */
  running: readonly Job[];
}

/** The export form with an estimate. */
export function ExportForm({ choices, onChange, running }: Props) {
  const t = useTranslations();
  const [now, setNow] = useState(() => Date.now());
  const { type } = choices;
  const format = formatOf(choices);
  const table = tableOf(type);
  const change = (next: Partial<ExportChoices>) => {
    setNow(Date.now());
    onChange(next);
  };

  return (
    <Panel id="export-form" aria-labelledby="new-export" mb="lg" className={classes.form}>
      <Stack gap="md" className={classes.fields}>
        <Title order={2} id="new-export">
          {t("exports.new")}
        </Title>
        <Field label={t("exports.type")}>
          <SegmentedControl
            fullWidth
            classNames={{ label: classes.type }}
            aria-label={t("exports.type")}
            value={type}
            onChange={(next) => change({ type: next, columns: null, json: null })}
            data={EXPORT_TYPES.map((value) => ({
              value,
              label: value === "statistics" ? t("exports.statistics") : t(`tables.${value}`),
            }))}
          />
          {table === null && (
            <Text size="xs" c="dimmed" mt={6}>
              {t("exports.statisticsHint")}
            </Text>
          )}
        </Field>
        <Field label={t("logRange.label")}>
          <div className={classes.range}>
            <TimeRangePicker range={choices.range} onChange={(range) => change({ range })} />
          </div>
        </Field>
        {table !== null && (
          <>
            <Field label={t("exports.filters")}>
              <FilterBar
                key={table}
                table={table}
                filters={choices.filters}
                range={choices.range}
                onChange={(filters) => change({ filters })}
              />
            </Field>
            <Group gap="md" align="flex-start">
              <Field label={t("exports.columns")}>
                <ColumnsField
                  table={logTables[table]}
                  columns={choices.columns}
                  onChange={(columns) => change({ columns })}
                />
              </Field>
              <Field label={t("exports.json.label")}>
                <JsonColumnsField
                  key={table}
                  table={table}
                  filters={choices.filters}
                  range={choices.range}
                  json={choices.json}
                  onChange={(json) => change({ json })}
                />
              </Field>
            </Group>
            <Switch
              label={t("exports.archived")}
              description={t("exports.archivedHint")}
              checked={choices.archived}
              onChange={(event) => change({ archived: event.currentTarget.checked })}
            />
          </>
        )}
        <Group gap="md" align="flex-start">
          <Field label={t("exports.format")}>
            <SegmentedControl
              aria-label={t("exports.format")}
              value={format}
              onChange={(next) => change({ format: next })}
              data={formatsOf(type).map((value) => ({ value, label: t(`exports.formats.${value}`) }))}
            />
          </Field>
          {!EXPORT_CHOICES[format].isCompressed && table !== null && (
            <Field label={t("exports.compress")}>
              <SegmentedControl
                aria-label={t("exports.compress")}
                value={choices.compress}
                onChange={(compress) => change({ compress })}
                data={EXPORT_COMPRESSIONS.map((value) => ({ value, label: t(`exports.compressions.${value}`) }))}
              />
            </Field>
          )}
          {EXPORT_CHOICES[format].hasHeader && table !== null && (
            <Field label={t("exports.headers")}>
              <SegmentedControl
                aria-label={t("exports.headers")}
                value={choices.headers}
                onChange={(headers) => change({ headers })}
                data={HEADERS.map((value) => ({
                  value,
                  label: value === "names" ? t("exports.headerNames") : LOCALE_NAMES[value],
                }))}
              />
            </Field>
          )}
        </Group>
        {EXPORT_CHOICES[format].hasByteOrderMark && (
          <Switch
            label={t("exports.bom")}
            description={t("exports.bomHint")}
            checked={choices.bom}
            onChange={(event) => change({ bom: event.currentTarget.checked })}
          />
        )}
      </Stack>
      <ExportPreview choices={choices} now={now} running={running} />
    </Panel>
  );
}
