"use client";

import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/components/trpc";
import type { LogTableName } from "@/server/catalog";

interface Option {
  value: string;
  label: string;
}

interface Props {
  table: LogTableName;
  label: string;
  /** The value without a mapping. */
  none: Option;
  /** Values for mappings that the user enters. */
  own: Option[];
  /** `name:NAME` for a saved mapping or a preset. */
  value: string;
  onChange: (value: string) => void;
  /** Whether events are read one by one, without a header line. */
  isPerEvent?: boolean;
  disabled?: boolean;
}

const NAMED = "name:";

/** The value of a named mapping in the selection, and back. */
export const namedValue = (name: string) => `${NAMED}${name}`;
export const nameIn = (value: string) => (value.startsWith(NAMED) ? value.slice(NAMED.length) : null);

/** Selects no mapping, one of the user's own, a saved mapping or a preset of a log table. */
export function MappingSelect({ table, label, none, own, value, onChange, isPerEvent = false, disabled }: Props) {
  const t = useTranslations("import.mapping.groups");
  const trpc = useTRPC();
  const list = useQuery(trpc.mappings.list.queryOptions());
  const saved = (list.data?.items ?? []).filter((item) => item.table === table);
  const presets = (list.data?.presets ?? []).filter(
    ({ table: of, kind }) => (of === table || kind === "wrapper") && !(isPerEvent && kind === "w3c"),
  );
  return (
    <NativeSelect
      label={label}
      w={{ base: "100%", xs: 320 }}
      disabled={disabled}
      value={value}
      onChange={({ currentTarget: { value: next } }) => onChange(next)}
      data={[
        none,
        { group: t("own"), items: own },
        {
          group: t("saved"),
          items: saved.map(({ name, version }) => ({ value: namedValue(name), label: `${name} (v${version})` })),
        },
        { group: t("presets"), items: presets.map(({ name, title }) => ({ value: namedValue(name), label: title })) },
      ]}
    />
  );
}
