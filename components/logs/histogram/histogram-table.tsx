"use client";

import { Anchor, Box } from "@mantine/core";
import { useFormatter, useTranslations } from "next-intl";
import { Table } from "../../ui/table";
import { countsOf, type Histogram, type Kind } from "./buckets";
import { useBucketText } from "./use-bucket-text";

interface Props {
  histogram: Histogram;
  kinds: readonly Kind[];
  height: number;
  onZoom: (from: number, to: number) => void;
  onChanges?: (from: number, to: number) => void;
}

/** The chart's numbers, newest first; a row's time zooms to it. */
export function HistogramTable({ histogram, kinds, height, onZoom, onChanges }: Props) {
  const t = useTranslations("logHistogram");
  const changes = useTranslations("changes");
  const format = useFormatter();
  const { times } = useBucketText(histogram);
  const shown = kinds.length > 1 ? kinds.toReversed() : [];
  const lines = histogram.buckets.map((bucket, index) => ({ bucket, index, counts: countsOf([bucket]) })).toReversed();
  return (
    <Box h={height} style={{ overflow: "auto" }} tabIndex={0} role="region" aria-label={t("title")}>
      <Table
        stickyHeader
        verticalSpacing={3}
        fz="xs"
        style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("time")}</Table.Th>
            <Table.Th ta="right">{t("all")}</Table.Th>
            {shown.map((kind) => (
              <Table.Th key={kind} ta="right">
                {t(`kinds.${kind}`)}
              </Table.Th>
            ))}
            {onChanges && <Table.Th />}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map(({ bucket, index, counts }) => {
            const time = times(index, index);
            return (
              <Table.Tr key={bucket.at}>
                <Table.Td>
                  <Anchor
                    component="button"
                    type="button"
                    fz="xs"
                    aria-label={t("zoom", time)}
                    onClick={() => onZoom(index, index)}
                  >
                    {time.from} – {time.to}
                  </Anchor>
                </Table.Td>
                <Table.Td ta="right">{format.number(bucket.count)}</Table.Td>
                {shown.map((kind) => (
                  <Table.Td key={kind} ta="right">
                    {format.number(counts[kind] ?? 0)}
                  </Table.Td>
                ))}
                {onChanges && (
                  <Table.Td>
                    {bucket.count > 0 && (
                      <Anchor
                        component="button"
                        type="button"
                        fz="xs"
                        aria-label={`${changes("title")} ${time.from} – ${time.to}`}
                        onClick={() => onChanges(index, index)}
                      >
                        {changes("title")}
                      </Anchor>
                    )}
                  </Table.Td>
                )}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Box>
  );
}
