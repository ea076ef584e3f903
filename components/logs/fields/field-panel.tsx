"use client";

import { ActionIcon, Button, Text, Title, UnstyledButton } from "@mantine/core";
import { useLocalStorage, useMediaQuery } from "@mantine/hooks";
import { IconChevronDown, IconChevronRight, IconLayoutSidebarLeftCollapse, IconListSearch } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { useId } from "react";
import { type LogTableName, logTables } from "@/server/catalog";
import { columnOfGroup, groupFields } from "../../explore/fields";
import { useExploreText } from "../../explore/use-explore-text";
import type { Chip } from "../../filter-bar/filters";
import { Panel } from "../../ui/panel";
import { Tooltip } from "../../ui/tooltip";
import { useSeenTable } from "../../ui/use-seen-table";
import type { LogQuery } from "../use-log-query";
import classes from "./field-panel.module.css";
import { FieldValues } from "./field-values";

/** The fields that are first, and open until the user closes them. */
const OPEN_FIELDS: Readonly<Record<LogTableName, readonly string[]>> = {
  access_logs: ["status_code", "route", "ip_address"],
  user_activities: ["action", "user_id"],
};

interface Props {
  table: LogTableName;
  query: LogQuery;
  onFilter: (filter: Chip) => void;
}

/** The most frequent values of each field under the current filters and time range; closed on a phone at first. */
export function FieldPanel({ table, query, onFilter }: Props) {
  const t = useTranslations("logs.fields");
  const id = useId();
  const text = useExploreText(table);
  const seen = useSeenTable(table);
  const isPhone = useMediaQuery("(max-width: 48em)");
  const [isOpen, setIsOpen] = useLocalStorage<boolean | null>({ key: "log-fields-open", defaultValue: null });
  const [opened, setOpened] = useLocalStorage<readonly string[]>({
    key: `log-fields-${table}`,
    defaultValue: OPEN_FIELDS[table],
  });
  // A masked field has no filter.
  const fields = [...new Set([...OPEN_FIELDS[table], ...groupFields(table)])].filter((field) => {
    const name = columnOfGroup(field);
    const isFilterable = (columns: typeof seen.columns) => columns.find((column) => column.name === name)?.filter;
    return isFilterable(seen.columns) === isFilterable(logTables[table].columns);
  });
  const isShown = isOpen ?? !isPhone;
  const toggle = (field: string) =>
    setOpened(opened.includes(field) ? opened.filter((other) => other !== field) : [...opened, field]);

  // Before the width is known, only the place is taken.
  if (isPhone === undefined) return <Panel className={classes.unknown} aria-hidden />;
  if (!isShown) {
    return (
      <div className={classes.closed}>
        {isPhone ? (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconListSearch size={16} stroke={1.6} />}
            aria-expanded={false}
            onClick={() => setIsOpen(true)}
          >
            {t("title")}
          </Button>
        ) : (
          <Tooltip label={t("open")}>
            <ActionIcon
              variant="default"
              size={36}
              aria-label={t("open")}
              aria-expanded={false}
              onClick={() => setIsOpen(true)}
            >
              <IconListSearch size={18} stroke={1.6} />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
    );
  }
  return (
    <Panel className={classes.panel} aria-labelledby={id}>
      <div className={classes.title}>
        <Title order={2} id={id} fz="sm">
          {t("title")}
        </Title>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={26}
          aria-label={t("close")}
          title={t("close")}
          aria-expanded
          onClick={() => setIsOpen(false)}
        >
          <IconLayoutSidebarLeftCollapse size={17} stroke={1.6} />
        </ActionIcon>
      </div>
      <div className={classes.list}>
        {fields.map((field) => {
          const isFieldOpen = opened.includes(field);
          return (
            <section key={field} aria-label={text.field(field)} data-field={field}>
              <UnstyledButton className={classes.field} aria-expanded={isFieldOpen} onClick={() => toggle(field)}>
                {isFieldOpen ? <IconChevronDown size={15} aria-hidden /> : <IconChevronRight size={15} aria-hidden />}
                <Text size="xs" fw={600} truncate>
                  {text.field(field)}
                </Text>
              </UnstyledButton>
              {isFieldOpen && <FieldValues table={table} field={field} query={query} onFilter={onFilter} />}
            </section>
          );
        })}
      </div>
    </Panel>
  );
}
