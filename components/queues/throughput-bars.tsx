import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import { useTimeZone } from "next-intl";
import { formatTime } from "../ui/time";
import { useNumberText } from "../ui/use-number-text";
import type { ratesOf } from "./history";

const TICK_MS = 3 * 60_000;

interface Props {
  height: number;
  rates: ReturnType<typeof ratesOf>;
  series: { name: string; label: string; color: string }[];
  label: string;
}

/** The rates as stacked bars. */
export function ThroughputBars({ height, rates, series, label }: Props) {
  const timeZone = useTimeZone() ?? "UTC";
  const { compact } = useNumberText();
  const clock = (at: string) => formatTime(at, timeZone, "time");
  const ticks = rates.flatMap(({ at }) => (Date.parse(at) % TICK_MS === 0 ? at : []));
  return (
    <BarChart
      h={height}
      data={rates}
      dataKey="at"
      type="stacked"
      series={series}
      withLegend
      legendProps={{ verticalAlign: "bottom", height: 24, itemSorter: null }}
      styles={{ legendItemName: { fontSize: 12 } }}
      gridAxis="x"
      tickLine="none"
      barChartProps={{ barCategoryGap: 1 }}
      barProps={{ isAnimationActive: false }}
      xAxisProps={{ tickFormatter: (at: string) => clock(at).slice(0, 5), ticks, interval: 0 }}
      yAxisProps={{ width: 44, allowDecimals: false }}
      valueFormatter={(value) => compact(value)}
      tooltipProps={{ labelFormatter: (at) => clock(String(at)) }}
      role="img"
      aria-label={label}
    />
  );
}
