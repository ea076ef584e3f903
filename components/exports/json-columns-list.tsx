"use client";

import { Box, Checkbox, Group, NativeSelect, Stack, Text } from "@mantine/core";
import { useTranslations } from "next-intl";
import type { LogTableName } from "@/server/catalog";
import { QueryError } from "../ui/query-error";
import { RowsSkeleton } from "../ui/rows-skeleton";
import { useNumbers } from "../ui/use-numbers";
import { AddJsonColumn } from "./add-json-column";
import { JSON_COLUMN_TYPES, type JsonColumn, type JsonColumns } from "./json-columns";
import classes from "./json-columns-list.module.css";

/** A member of the newest rows, with a value and the share of rows that have it. */
interface FoundMember {
  readonly field: string;
  readonly example: string;
  readonly share: number;
}

/** Smaller text is hard to read. */
const DESCRIPTION = { description: { fontSize: 12 } };

interface Props {
  table: LogTableName;
  found: { data: { members: readonly FoundMember[] } | undefined } & Parameters<typeof QueryError>[0]["query"];
  json: JsonColumns | null;
  onChange: (json: JsonColumns | null) => void;
}

/** All members or a choice of them, each with its type; chosen ones that the newest rows do not have are first. */
export function JsonColumnsList({ table, found, json, onChange }: Props) {
  const t = useTranslations("exports.json");
  const { percent } = useNumbers();
  const isAll = json === "all";
  const chosen: readonly JsonColumn[] = json === null || isAll ? [] : json;
  const change = (next: readonly JsonColumn[]) => onChange(next.length === 0 ? null : next);
  const members = found.data?.members ?? [];
  const others = chosen.filter(({ field }) => !members.some((member) => member.field === field));
  const listed = [...others.map(({ field }) => ({ field, example: "", share: undefined })), ...members];

  return (
    <Stack gap="xs">
      <Checkbox
        size="xs"
        styles={DESCRIPTION}
        label={t("all")}
        description={t("allHint")}
        checked={isAll}
        onChange={(event) => onChange(event.currentTarget.checked ? "all" : null)}
      />
      {!isAll && (
        <>
          <Text size="xs" c="dimmed" id="json-columns">
            {t("found")}
          </Text>
          {found.data === undefined ? (
            <>
              <QueryError query={found} />
              {!found.error && <RowsSkeleton />}
            </>
          ) : (
            listed.length === 0 && <Text size="xs">{t("nothing")}</Text>
          )}
          <Box mah="min(40dvh, 340px)" mx={-6} style={{ overflowY: "auto" }}>
            <ul className={classes.list} aria-labelledby="json-columns">
              {listed.map(({ field, example, share }) => {
                const column = chosen.find((other) => other.field === field);
                return (
                  <li key={field} className={classes.item}>
                    <Group gap="xs" wrap="nowrap" align="flex-start">
                      <Checkbox
                        size="xs"
                        className={classes.field}
                        styles={DESCRIPTION}
                        label={field}
                        description={share === undefined ? undefined : `${percent(share)} · ${example}`}
                        checked={column !== undefined}
                        onChange={() =>
                          change(column ? chosen.filter((other) => other !== column) : [...chosen, { field }])
                        }
                      />
                      {column && (
                        <NativeSelect
                          size="xs"
                          className={classes.type}
                          aria-label={t("typeOf", { field })}
                          value={column.type ?? ""}
                          data={[
                            { value: "", label: t("types.auto") },
                            ...JSON_COLUMN_TYPES.map((type) => ({ value: type, label: t(`types.${type}`) })),
                          ]}
                          onChange={(event) => {
                            const type = JSON_COLUMN_TYPES.find((known) => known === event.currentTarget.value);
                            change(chosen.map((other) => (other === column ? { field, type } : other)));
                          }}
                        />
                      )}
                    </Group>
                  </li>
                );
              })}
            </ul>
          </Box>
          <AddJsonColumn
            table={table}
            onAdd={(field) => change([...chosen.filter((other) => other.field !== field), { field }])}
          />
        </>
      )}
    </Stack>
  );
}
