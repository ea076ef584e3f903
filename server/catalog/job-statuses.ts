/** The states of a job, and of a run of a scheduled task. */
export const JOB_STATUSES = ["queued", "running", "completed", "failed", "cancelled"] as const;
