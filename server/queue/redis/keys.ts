/** The Redis keys of one queue. The hash tag places them in the slot of the list, whose name producers use. */
export interface QueueKeys {
  /** List: waiting events, newest on the left. */
  readonly list: string;
  /** Sorted set: claim ID -> end of its lease, in milliseconds of Redis's clock. */
  readonly leases: string;
  /**
   * Hash: claim ID -> `seconds microseconds deliveries events started`; the first two are the time of the claim by
   * PostgreSQL's clock, the last in milliseconds by Redis's.
   */
  readonly claims: string;
  /** String: total number of events ever claimed. */
  readonly claimed: string;
  /** Sorted set: time of a sample in milliseconds -> total number of events pushed by then. */
  readonly samples: string;
  /** Prefix; with a claim ID, the list of that claim's events, oldest on the left. */
  readonly claimPrefix: string;
}

export function queueKeys(list: string): QueueKeys {
  const own = (name: string) => `{${list}}:${name}`;
  return {
    list,
    leases: own("leases"),
    claims: own("claims"),
    claimed: own("claimed"),
    samples: own("samples"),
    claimPrefix: own("claim:"),
  };
}
