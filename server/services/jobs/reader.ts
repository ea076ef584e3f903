import type { Context, Principal } from "@/server/process/context";
import { type Mask, maskError, maskFilters, maskFor, maskResult } from "@/server/services/privacy";
import { type Job, type JobPage, type JobsQuery, type JobsWatch, job } from "./contract";
import { getJob, listJobs } from "./find";
import { watchJobs } from "./wait";

/** Reads jobs on behalf of `principal`, with masked values removed from their filters. */
export function jobReader(ctx: Context, principal: Principal) {
  const mask = () => maskFor(ctx, principal);
  return {
    get: async (id: string): Promise<Job> => maskJob(await getJob(ctx, id), await mask()),
    list: async (query: JobsQuery): Promise<JobPage> => {
      const [page, hidden] = await Promise.all([listJobs(ctx, query), mask()]);
      return { ...page, items: page.items.map((shown) => maskJob(shown, hidden)) };
    },
    watch: async function* (filter: JobsWatch, signal: AbortSignal | undefined): AsyncGenerator<Job[]> {
      for await (const jobs of watchJobs(ctx, filter, signal)) {
        const hidden = await mask();
        yield jobs.map((shown) => maskJob(shown, hidden));
      }
    },
  };
}

function maskJob(shown: Job, mask: Mask): Job {
  if (mask.columns.size === 0) return shown;
  const masked = job.parse({
    ...shown,
    result: shown.result && maskResult({ ...shown.result }, mask),
    error: shown.error && maskError(shown.error, mask),
  });
  // What is searched for and replaced is part of payloads.
  if (masked.kind === "replay_dead_letters") {
    return { ...masked, params: { ...masked.params, search: undefined, changes: [] } };
  }
  if (masked.kind !== "export") return masked;
  return { ...masked, params: { ...masked.params, filters: maskFilters(masked.params.filters, mask) } };
}
