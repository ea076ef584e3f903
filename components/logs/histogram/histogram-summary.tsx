"use client";

import { Badge, Group, Text } from "@mantine/core";
import { useTranslations } from "next-intl";
import { withoutUnitSpace } from "@/messages/cjk-spacing";
import { Tooltip } from "../../ui/tooltip";
import type { Total } from "../use-log-total";
import { useTotalText } from "../use-total-text";
import type { Histogram, Kind } from "./buckets";
import classes from "./log-histogram.module.css";
import { useBarWidth } from "./use-bucket-text";

interface Props {
  histogram: Histogram;
  kinds: readonly Kind[];
  /** The total shown on the page; undefined while loading. */
  total: Total | undefined;
}

/** The total, the bucket width and the legend. */
export function HistogramSummary({ histogram, kinds, total }: Props) {
  const t = useTranslations("logHistogram");
  const totalText = useTotalText();
  const barWidth = useBarWidth();
  return (
    <Group gap="2px 8px" className={classes.summary}>
      <Text size="sm" fw={600} data-testid="histogram-total">
        {total?.is_exact && t("rows", { count: total.count })}
        {total?.is_exact === false && withoutUnitSpace(t("aboutRows", { count: totalText(total) }))}
      </Text>
      {total?.is_exact === false && (
        <Tooltip label={t("estimateHint")}>
          <Badge size="sm" variant="light" color="gray" tabIndex={0} tt="none">
            {t("estimate")}
          </Badge>
        </Tooltip>
      )}
      <Text size="xs" c="dimmed">
        {t("perBar", { width: barWidth(histogram.bucket_seconds) })}
      </Text>
      {kinds.length > 1 && (
        <Group gap={10} component="ul" className={classes.legend}>
          {kinds.toReversed().map((kind) => (
            <li key={kind}>
              <span className={classes.swatch} data-kind={kind} /> {t(`kinds.${kind}`)}
            </li>
          ))}
        </Group>
      )}
    </Group>
  );
}
