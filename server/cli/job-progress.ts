import type { JobProgress } from "@/server/services/jobs/contract";

const PROGRESS_EVERY_MS = 2_000;

/** Creates a function that prints a job's progress on stderr, at most one line every two seconds. */
export function makeProgressLines(): (progress: JobProgress) => void {
  let next = Date.now() + PROGRESS_EVERY_MS;
  return ({ done, total, phase }) => {
    if (Date.now() < next) return;
    next = Date.now() + PROGRESS_EVERY_MS;
    const count = (value: number) => value.toLocaleString("en");
    process.stderr.write(`${phase}: ${count(done)}${total === null ? "" : ` of ${count(total)}`} rows\n`);
  };
}
