import type { Context, Principal } from "@/server/process/context";
import { type Mask, maskFilters, maskFor, maskText } from "@/server/services/privacy";
import type { Job, JobPage, JobsQuery, JobsWatch } from "./contract";
import { getJob, listJobs } from "./find";
import { watchJobs } from "./wait";

/** Reads jobs on behalf of `principal`, with masked values removed from their filters. */
export function jobReader(ctx: Context, principal: Principal) {
  const mask = () => maskFor(ctx, principal);
  return {
    get: async (id: string): Promise<Job> => maskJob(await getJob(ctx, id), await mask()),
    list: async (query: JobsQuery): Promise<JobPage> => {
      const [page, hidden] = await Promise.all([listJobs(ctx, query), mask()]);
      return { ...page, items: page.items.map((job) => maskJob(job, hidden)) };
    },
    watch: async function* (filter: JobsWatch, signal: AbortSignal | undefined): AsyncGenerator<Job[]> {
      for await (const jobs of watchJobs(ctx, filter, signal)) {
        const hidden = await mask();
        yield jobs.map((job) => maskJob(job, hidden));
      }
    },
  };
}

function maskJob(job: Job, mask: Mask): Job {
  if (mask.columns.size === 0) return job;
  const error = maskText(job.error, mask);
  if (job.kind !== "export") return { ...job, error };
  const params = { ...job.params, filters: maskFilters(job.params.filters, mask) };
  // A file's bytes could reveal a masked value among few possible ones.
  const result = job.result && { ...job.result, sha256: null, size_bytes: null };
  return { ...job, params, result, error };
}
