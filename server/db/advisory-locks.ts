/**
 * Every advisory lock of the product. A lock has two keys: the first one here, and the hash of what is locked
 * (`hashtext(…)`), a number, or 0 where there is one lock of the kind. All processes on a database use the same numbers.
 */
export const LOCKS = {
  /** Migrating the database. */
  migration: 7_120_513,
  /** Claiming a job. */
  jobClaim: 7_120_514,
  /** Refreshing the statistics of tables. */
  statistics: 7_120_515,
  /** Adding or removing an administrator. */
  admins: 7_120_516,
  /** Making a month's partition; by table. */
  partitions: 7_120_517,
  /** Saving a view; by user. */
  savedViews: 7_120_518,
  /** Using the embedded PostgreSQL. */
  presence: 7_120_520,
  /** Writing an export; by job. */
  export: 7_120_530,
  /** Removing rows from a log table, or restoring them; by table. */
  maintenance: 7_120_531,
  /** Working for a run of a job; by run. */
  jobRun: 7_120_532,
  /** Running the periodic tasks of monitoring. */
  leader: 7_120_540,
  /** Evaluating the alert rules. */
  alerts: 7_120_541,
  /** Counting traffic. */
  traffic: 7_120_542,
  /** Storing a claim of the queue in Redis; by claim. */
  redisClaim: 7_120_603,
  /** Storing events of the queue in PostgreSQL, the second key their number; the place of the queue's table in the catalog is added. */
  queueInFlight: 7_120_610,
} as const;
