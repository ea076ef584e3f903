"use client";

import { Button, Text, UnstyledButton } from "@mantine/core";
import { IconSortAscending, IconSortDescending } from "@tabler/icons-react";
import { createColumnHelper, FlexRender, tableFeatures, useTable } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { useMemo, useState } from "react";
import { Table } from "../../ui/table";
import { type AnswerRow, changeOf, rowsOf, sizeOf, type Value, valuesOf } from "../answer";
import type { Place } from "../drill";
import { isAdditive } from "../fields";
import { type ExploreQuestion, measureName } from "../state";
import type { ExploreAnswer, Measure } from "../types";
import type { ExploreText } from "../use-explore-text";
import classes from "./explore-result.module.css";
import { below, type OpenMenu } from "./value-menu";

const FIRST_PAGE = 25;
const PAGE = 100;
const features = tableFeatures({});
const helper = createColumnHelper<typeof features, AnswerRow>();

interface Props {
  question: ExploreQuestion;
  answer: ExploreAnswer;
  text: ExploreText;
  label: string;
  onOpen: OpenMenu;
  /** Undefined where the order cannot be changed. */
  onOrder?: (order: ExploreQuestion["order"]) => void;
}

/** The rows of an answer, those of all other groups and the total, which the rows add up to. */
export function AnswerTable({ question, answer, text, label, onOpen, onOrder }: Props) {
  const t = useTranslations("explore");
  const [shown, setShown] = useState(FIRST_PAGE);
  const rows = useMemo(() => rowsOf(answer), [answer]);
  const totals = useMemo(() => valuesOf(answer, answer.totals), [answer]);
  const others = useMemo(() => (answer.others ? valuesOf(answer, answer.others) : null), [answer]);
  const hasTime = answer.interval !== null;
  const isCompared = answer.before_start !== null;
  const { measures, groups } = question;
  const hasShare = (measure: Measure) => isAdditive(measure) && (rows.length > 1 || others !== null);
  const nameOf = (row: AnswerRow) =>
    [
      ...(row.time === null ? [] : [text.bucket(row.time, answer.interval)]),
      ...row.groups.map((value, index) => text.group(groups[index] ?? "", value)),
    ].join(" · ") || t("allRows");
  const open = (row: AnswerRow, element: Element) =>
    onOpen({ place: { groups: row.groups, time: row.time }, title: nameOf(row), ...below(element) });

  const columns = [
    ...(hasTime
      ? [
          helper.display({
            id: "time",
            header: t("time"),
            cell: ({ row }) => (
              <UnstyledButton
                className={classes.value}
                aria-haspopup="menu"
                onClick={(event) => open(row.original, event.currentTarget)}
              >
                {text.bucket(row.original.time ?? "", answer.interval)}
              </UnstyledButton>
            ),
          }),
        ]
      : []),
    ...groups.map((group, index) =>
      helper.display({
        id: `group ${index}`,
        header: text.field(group),
        cell: ({ row }) => {
          const value = row.original.groups[index] ?? null;
          return (
            <UnstyledButton
              className={classes.value}
              data-none={value === null || value === "" || undefined}
              aria-haspopup="menu"
              tabIndex={index === 0 && !hasTime ? 0 : -1}
              onClick={(event) => open(row.original, event.currentTarget)}
            >
              {text.group(group, value)}
            </UnstyledButton>
          );
        },
      }),
    ),
    ...measures.flatMap((measure, index) => [
      helper.display({
        id: `measure ${index}`,
        header: text.measure(measure),
        cell: ({ row }) => (
          <UnstyledButton
            className={classes.value}
            aria-haspopup="menu"
            tabIndex={!hasTime && groups.length === 0 && index === 0 ? 0 : -1}
            onClick={(event) => open(row.original, event.currentTarget)}
          >
            {text.amount(measure, row.original.values[index]?.now ?? null)}
          </UnstyledButton>
        ),
      }),
      ...(hasShare(measure)
        ? [
            helper.display({
              id: `share ${index}`,
              header: t("share"),
              cell: ({ row }) => shareText(row.original.values[index], totals[index]),
            }),
          ]
        : []),
      ...(isCompared
        ? [
            helper.display({
              id: `before ${index}`,
              header: t("before"),
              cell: ({ row }) => text.amount(measure, row.original.values[index]?.before ?? null),
            }),
            helper.display({
              id: `change ${index}`,
              header: t("change"),
              cell: ({ row }) => changeText(row.original.values[index]),
            }),
          ]
        : []),
    ]),
  ];
  const shareText = (value: Value | undefined, total: Value | undefined) => {
    const [part, whole] = [sizeOf(value?.now), sizeOf(total?.now)];
    return part === null || !whole ? "–" : text.share(part / whole);
  };
  const changeText = (value: Value | undefined) => {
    const change = value ? changeOf(value) : null;
    if (change !== null) return text.change(change);
    return sizeOf(value?.before) === 0 && sizeOf(value?.now) ? t("newValue") : "–";
  };
  const data = useMemo(() => rows.slice(0, shown), [rows, shown]);
  const table = useTable({ features, columns, data });
  const lead = (hasTime ? 1 : 0) + groups.length;
  const footer = (name: string, values: readonly Value[], place: Place) => (
    <Table.Tr>
      {lead > 0 && (
        <Table.Td colSpan={lead}>
          <UnstyledButton
            className={classes.value}
            aria-haspopup="menu"
            onClick={(event) => onOpen({ place, title: name, ...below(event.currentTarget) })}
          >
            {name}
          </UnstyledButton>
        </Table.Td>
      )}
      {measures.flatMap((measure, index) => [
        <Table.Td key={`measure ${measureName(measure)}`} ta="right">
          {text.amount(measure, values[index]?.now ?? null)}
        </Table.Td>,
        ...(hasShare(measure)
          ? [
              <Table.Td key={`share ${measureName(measure)}`} ta="right">
                {shareText(values[index], totals[index])}
              </Table.Td>,
            ]
          : []),
        ...(isCompared
          ? [
              <Table.Td key={`before ${measureName(measure)}`} ta="right">
                {text.amount(measure, values[index]?.before ?? null)}
              </Table.Td>,
              <Table.Td key={`change ${measureName(measure)}`} ta="right">
                {changeText(values[index])}
              </Table.Td>,
            ]
          : []),
      ])}
    </Table.Tr>
  );

  return (
    <div className={classes.scroll}>
      <Table className={classes.table} fz="sm" verticalSpacing={5} highlightOnHover aria-label={label}>
        <Table.Thead>
          {table.getHeaderGroups().map((group) => (
            <Table.Tr key={group.id}>
              {group.headers.map((header) => {
                const { measure: ordered, direction, by } = question.order;
                const own = orderOf(header.column.id);
                const isNumber = !/^(?:time|group)/.test(header.column.id);
                const isSorted = groups.length > 0 && own?.measure === ordered && own.by === by;
                const canOrder = groups.length > 0 && !hasTime && own !== null && onOrder !== undefined;
                const name = <FlexRender header={header} />;
                const Glyph = direction === "desc" ? IconSortDescending : IconSortAscending;
                const next = isSorted && direction === "desc" ? "asc" : "desc";
                return (
                  <Table.Th
                    key={header.id}
                    ta={isNumber ? "right" : undefined}
                    aria-sort={isSorted && !hasTime ? (direction === "desc" ? "descending" : "ascending") : undefined}
                  >
                    {canOrder ? (
                      <UnstyledButton
                        className={classes.value}
                        fw={700}
                        title={t("sort", { name: String(header.column.columnDef.header) })}
                        onClick={() => onOrder({ ...own, direction: next })}
                      >
                        {isSorted && (
                          <Glyph size={14} aria-hidden style={{ verticalAlign: "-2px", marginInlineEnd: 3 }} />
                        )}
                        {name}
                      </UnstyledButton>
                    ) : (
                      name
                    )}
                  </Table.Th>
                );
              })}
            </Table.Tr>
          ))}
        </Table.Thead>
        <Table.Tbody>
          {table.getRowModel().rows.map((row) => (
            <Table.Tr key={row.id}>
              {row.getAllCells().map((cell) => (
                <Table.Td
                  key={cell.id}
                  className={cell.column.id.startsWith("group") ? classes.group : undefined}
                  ta={/^(?:time|group)/.test(cell.column.id) ? undefined : "right"}
                >
                  <FlexRender cell={cell} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
        {lead > 0 && (
          <Table.Tfoot className={classes.foot}>
            {others &&
              !hasTime &&
              footer(t("othersCount", { count: (answer.group_count ?? 0) - rows.length }), others, {
                groups: null,
                except: rows.map(({ groups: values }) => values),
                time: null,
              })}
            {footer(t("total"), totals, { groups: null, time: null })}
          </Table.Tfoot>
        )}
      </Table>
      {rows.length > shown && (
        <Button mt="xs" size="compact-sm" variant="subtle" onClick={() => setShown(shown + PAGE)}>
          {t("showMore", { count: Math.min(PAGE, rows.length - shown) })}
        </Button>
      )}
      {rows.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("empty.title")}
        </Text>
      )}
    </div>
  );
}

/** The order that a column shows; null for one without. */
function orderOf(id: string): Pick<ExploreQuestion["order"], "measure" | "by"> | null {
  const [kind, index] = id.split(" ");
  if (kind !== "measure" && kind !== "change") return null;
  return { measure: Number(index), by: kind === "change" ? "change" : "value" };
}
