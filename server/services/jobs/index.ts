export { cancelJob } from "./cancel";
export { endStaleSessions, type Fence, RunLost, UNFENCED } from "./fence";
export { getJob, type JobPage, requesterOf } from "./find";
export { deleteOldJobs } from "./forget";
export { cleanupKey, JOB_KINDS, type JobInput, type JobParams, jobKinds } from "./kinds";
export { jobReader } from "./reader";
export { runJobs } from "./runner";
export { insertJob, startJob } from "./start";
export {
  JOB_STATUSES,
  type Job,
  type JobHandlers,
  type JobProgress,
  type JobResult,
  type JobRun,
  type JobStatus,
  JobStopped,
} from "./types";
export { hasEnded, waitForJob } from "./wait";
