/** Redis keys of one queue. The hash tag puts them in the slot of the plain list, which producers name. */
export interface QueueKeys {
  /** List: events waiting, the newest left. */
  readonly list: string;
  /** Sorted set: claim id -> when its lease ends, milliseconds of Redis's clock. */
  readonly leases: string;
  /** Hash: claim id -> `seconds microseconds deliveries events`, the first two the time of the claim. */
  readonly claims: string;
  /** String: how many events were ever claimed. */
  readonly claimed: string;
  /** Sorted set: milliseconds of a look at the queue -> how many events had been pushed by then. */
  readonly samples: string;
  /** With a claim id behind it, the list of that claim's events, the oldest left. */
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
