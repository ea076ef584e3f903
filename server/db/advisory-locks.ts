/**
 * All advisory locks of the product. The first key of a lock is listed here. The second key is the hash of the locked
 * object's name (`hashtext(…)`), a number, or 0 if only one such lock exists. All processes on a database use the same
 * numbers.
 */
export const LOCKS = {
  /** Held while the database is migrated. */
  migration: 7_120_513,
  /** Held while steps of migrations run. */
  schemaSteps: 7_120_521,
  /** Held while a job is claimed. */
  jobClaim: 7_120_514,
  /** Held while table statistics are refreshed. */
  statistics: 7_120_515,
  /** Held while an administrator is added or removed. */
  admins: 7_120_516,
  /** Held while a monthly partition is created. Second key: the table. */
  partitions: 7_120_517,
  /** Held while a view is saved. Second key: the user. */
  savedViews: 7_120_518,
  /** Held while a mapping is saved. */
  mappings: 7_120_522,
  /** Held while the mapping of a queue is changed. Second key: the queue. */
  queueMappings: 7_120_524,
  /** Held while intake rules are saved. */
  intakeRules: 7_120_523,
  /** Held by every process that uses the embedded PostgreSQL. */
  presence: 7_120_520,
  /** Held while an object store gets its identity. */
  fileStore: 7_120_519,
  /** Held while rows of a log table are deleted or restored. Second key: the table. */
  maintenance: 7_120_531,
  /** Held, shared, while a backup is written; exclusively while an archive's file is replaced. */
  archiveFiles: 7_120_533,
  /** Held by the worker that executes a run of a job. Second key: the run. */
  jobRun: 7_120_532,
  /** Held by the leader, which runs the periodic tasks of monitoring. */
  leader: 7_120_540,
  /** Held while alert rules are evaluated. */
  alerts: 7_120_541,
  /** Held while traffic is counted. */
  traffic: 7_120_542,
  /** Held by the process that writes segments. */
  segments: 7_120_543,
  /** Held while a claim of the Redis queue is stored. Second key: the claim. */
  redisClaim: 7_120_603,
  /**
   * Held while queued events are stored in PostgreSQL. The index of the log table in the catalog is added to the first
   * key; the second key is the number of events.
   */
  queueInFlight: 7_120_610,
} as const;
