/** Points at which tests stop a cleanup, in order of execution. */
export const CLEANUP_STEPS = [
  "archive verified",
  "watched",
  "archive recorded",
  "archive half written",
  "archive written",
  "archive read back",
  "manifest written",
  "archive complete",
  "batch deleted, not committed",
  "batch committed",
  "partition dropped, not committed",
  "partition drop committed",
  "archive removed",
] as const;

export type CleanupStep = (typeof CLEANUP_STEPS)[number];
