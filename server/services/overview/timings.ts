import type { Context } from "@/server/process/context";
import { JOB_KINDS } from "@/server/services/jobs/contract";
import { durationQuantiles } from "@/server/services/metrics";
import { availableStep } from "./available-step";
import type { JobTiming, Timings } from "./contract";
import { grainOf, periodsOf, type Range } from "./periods";
import { readOnly } from "./read-only";

const TOP = 10;

/** Reads the slowest calls and jobs from the roll-ups; periods that the range overlaps count as a whole. */
export async function timings(ctx: Context, range: Range): Promise<Timings> {
  const available = grainOf(availableStep(ctx, range));
  // Whole hours suffice for a day, and are a twelfth of the rows.
  const grain = available === "slot" ? "hour" : available;
  const { quantiles, jobs } = await readOnly(ctx, async (tx) => {
    const periods = await periodsOf(tx, ctx.config.timeZone, range, grain);
    const span = { grain, from: periods[0] ?? range.start, to: periods.at(-1) ?? range.end } as const;
    const quantiles = await durationQuantiles(tx, span, 0.95);
    const jobs = await tx<JobTiming[]>`
      select label as kind, sum(count)::float8 as runs, sum(sum) / sum(count) as mean, max(max) as longest
      from metrics
      where name = 'job_seconds' and label = any(${[...JOB_KINDS]}::text[]) and grain = ${span.grain} and at >= ${span.from} and at < ${span.to}
      group by label
      having sum(count) > 0
      order by mean desc`;
    return { quantiles, jobs };
  });
  const calls = quantiles
    .map(({ label, calls: count, seconds, mean, max }) => ({
      name: label,
      calls: count,
      mean,
      p95: seconds,
      longest: max,
    }))
    .sort((a, b) => b.p95 - a.p95 || (a.name < b.name ? -1 : 1))
    .slice(0, TOP);
  return { calls, jobs: [...jobs] };
}
