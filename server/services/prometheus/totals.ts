import { AggregatorRegistry, type PrometheusContentType, type Registry } from "prom-client";
import { logTableList } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { DURATION_BOUNDS, JOB_BOUNDS } from "@/server/process/counts";

/** Histograms that every process adds to: batches and jobs run in processes that Prometheus does not scrape. */
const HISTOGRAMS = [
  ["batch", "batch_insert_duration_seconds", "Time to store a batch.", "queue", DURATION_BOUNDS],
  ["job", "job_duration_seconds", "Time that a run of a job took, be it an export or a cleanup.", "kind", JOB_BOUNDS],
] as const;

interface Total {
  /** `duration`, or `duration_bucket`. */
  readonly name: string;
  /** `batch access_logs`, or for a bucket `batch access_logs|3`. */
  readonly label: string;
  readonly count: number;
  readonly sum: number;
}

/** Total durations of batches and jobs over all processes; each process adds its own once a minute. */
export async function durationTotals(ctx: Context, prefix: string): Promise<Registry<PrometheusContentType>> {
  const totals = await ctx.db.read.$client<Total[]>`
    select name, label, count::float8 as count, sum
    from metrics
    where grain = 'total' and at = 'epoch' and name in ('duration', 'duration_bucket')
    order by label`;
  const metrics = HISTOGRAMS.map(([kind, metric, help, label, bounds]) => {
    const name = prefix + metric;
    const values = totals
      .filter((total) => total.name === "duration" && total.label.startsWith(`${kind} `))
      .flatMap((whole) => {
        const labels = { [label]: whole.label.slice(kind.length + 1) };
        let below = 0;
        const buckets = bounds.map((le, bucket) => {
          below += totals.find((total) => total.label === `${whole.label}|${bucket}`)?.count ?? 0;
          return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: below };
        });
        return [
          ...buckets,
          { metricName: `${name}_bucket`, labels: { le: "+Inf", ...labels }, value: whole.count },
          { metricName: `${name}_sum`, labels, value: whole.sum },
          { metricName: `${name}_count`, labels, value: whole.count },
        ];
      });
    return { name, help, type: "histogram", aggregator: "sum", values };
  });
  return AggregatorRegistry.aggregate<PrometheusContentType>([metrics]);
}

/**
 * Scans per index and partition. A sum over partitions would decrease when one is dropped, which Prometheus treats as a
 * counter reset.
 */
export async function indexScans(
  ctx: Context,
): Promise<{ table: string; index: string; partition: string; count: number }[]> {
  return await ctx.db.read.$client`
    select parent_table.relname as table, parent.relname as index, stat.relname as partition,
      stat.idx_scan::float8 as count
    from pg_stat_all_indexes stat
    join pg_inherits on inhrelid = stat.indexrelid
    join pg_class parent on parent.oid = inhparent
    join pg_index on pg_index.indexrelid = parent.oid
    join pg_class parent_table on parent_table.oid = pg_index.indrelid
    where pg_index.indrelid = any(
      select name::regclass from unnest(${logTableList.map(({ tableName }) => tableName)}::text[]) as name
    )
    order by 1, 2, 3`;
}
