/** Conditions that prevent a queue from being drained, most severe first. */
export const QUEUE_PROBLEMS = ["unreachable", "wrong_type", "refuses_writes", "no_worker", "stalled"] as const;

export type QueueProblem = (typeof QUEUE_PROBLEMS)[number];
