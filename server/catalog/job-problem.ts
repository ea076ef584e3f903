/**
 * Why a job ended without doing its work: what its `error` says. The reasons are listed here, so that the interface
 * can tell them apart and say them in other languages.
 */
export const JOB_PROBLEMS = {
  cancelled: "Cancelled by {name}.",
  worker_died: "Its worker died {times} times.",
  too_long: "It took longer than its limit of {hours} hours.",
  connection_broke: "The connection to PostgreSQL broke under it again and again.",
  too_many_rows: "The export has more rows than the limit of {limit}. Narrow the time range or the filters.",
  disk_full: "The disk with the exports is full. Make room there and start the export again.",
  internal: "Something went wrong on our side. The log holds the details.",
} as const;

export type JobProblem = keyof typeof JOB_PROBLEMS;

/** The words of a reason, with `{…}` filled in. */
export function jobProblemText(problem: JobProblem, values: Readonly<Record<string, string | number>> = {}): string {
  return JOB_PROBLEMS[problem].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
}

const PATTERNS = (Object.keys(JOB_PROBLEMS) as JobProblem[]).map((problem) => {
  const literal = JOB_PROBLEMS[problem].replace(/[.*+?^$()|[\]\\]/g, "\\$&");
  return { problem, pattern: new RegExp(`^${literal.replace(/\{(\w+)\}/g, "(?<$1>.+)")}$`) };
});

/** The reason and the values behind a job's `error`; undefined for other words. */
export function readJobProblem(
  text: string,
): { problem: JobProblem; values: Readonly<Record<string, string>> } | undefined {
  for (const { problem, pattern } of PATTERNS) {
    const match = pattern.exec(text);
    if (match) return { problem, values: match.groups ?? {} };
  }
  return undefined;
}
