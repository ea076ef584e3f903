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

/** A file's bytes could reveal a masked value among few possible ones. */
const SIZE_FIELDS = new Set(["sha256", "size_bytes"]);

function maskJob(job: Job, mask: Mask): Job {
  if (mask.columns.size === 0) return job;
  const { filters } = job.params;
  const hasFilters = typeof filters === "object" && filters !== null;
  const params = hasFilters ? { ...job.params, filters: maskFilters({ ...filters }, mask) } : job.params;
  const result =
    job.result &&
    Object.fromEntries(Object.entries(job.result).map(([name, value]) => [name, SIZE_FIELDS.has(name) ? null : value]));
  return { ...job, params, result, error: maskText(job.error, mask) };
}
