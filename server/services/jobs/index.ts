export { JOB_KINDS, type JobInput, type JobKind, type JobParams, jobKinds } from "./kinds";
export { JOB_STATUSES, type Job, type JobProgress, type JobRun, type JobStatus } from "./types";
