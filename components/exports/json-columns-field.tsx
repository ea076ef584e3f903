"use client";

import { Button, Popover } from "@mantine/core";
import { IconBraces, IconChevronDown } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { LogTableName } from "@/server/catalog";
import type { FilterParameters } from "../filter-bar/filters";
import { rangeDates, type TimeRange } from "../time-range/range";
import { useTRPC } from "../trpc";
import type { JsonColumns } from "./json-columns";
import { JsonColumnsList } from "./json-columns-list";

const FRESH_MS = 60_000;

interface Props {
  table: LogTableName;
  filters: FilterParameters;
  range: TimeRange;
  /** Null for none. */
  json: JsonColumns | null;
  onChange: (json: JsonColumns | null) => void;
}

/** The members of JSON columns that become columns of the file, chosen from those of the newest matching rows. */
export function JsonColumnsField({ table, filters, range, json, onChange }: Props) {
  const t = useTranslations("exports.json");
  const trpc = useTRPC();
  const [isOpen, setIsOpen] = useState(false);
  // In steps of a minute, so that a relative range does not change the query with each click.
  const now = Math.ceil(Date.now() / 60_000) * 60_000;
  const found = useQuery(
    trpc.logs.members.queryOptions(
      { table, filters, ...rangeDates(range, now) },
      { enabled: isOpen, placeholderData: keepPreviousData, staleTime: FRESH_MS },
    ),
  );
  return (
    <Popover position="bottom-start" width={360} trapFocus returnFocus shadow="md" opened={isOpen} onChange={setIsOpen}>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconBraces size={16} stroke={1.6} />}
          rightSection={<IconChevronDown size={15} stroke={1.7} />}
          onClick={() => setIsOpen(!isOpen)}
        >
          {json === null ? t("none") : json === "all" ? t("all") : t("some", { count: json.length })}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="sm">
        <JsonColumnsList table={table} found={found} json={json} onChange={onChange} />
      </Popover.Dropdown>
    </Popover>
  );
}
