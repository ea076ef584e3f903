import { LOCKS } from "@/server/db/advisory-locks";
import type { Transaction } from "@/server/db/client";
import { isSilent } from "@/server/db/silent-sessions";

/** Whether a claim may be stored by this transaction. */
export type ClaimState = "ours" | "settled" | "taken";

/**
 * Records the claim as settled, unless it already is or another consumer is storing it. Does not wait for that
 * consumer, which may be unresponsive.
 */
export async function settle(tx: Transaction, claimId: string): Promise<ClaimState> {
  const [found] = await tx<{ free: boolean; settled: boolean }[]>`
    with lock as materialized (
      select pg_try_advisory_xact_lock(${LOCKS.redisClaim}::int, hashtext(${claimId}::text)) as free
    ),
    settled as (
      insert into settled_claims (claim_id)
      select ${claimId}::uuid from lock where free
      on conflict do nothing
      returning claim_id
    )
    select free, not exists (select from settled) as settled
    from lock`;
  if (!found?.free) return "taken";
  return found.settled ? "settled" : "ours";
}

/**
 * Terminates the session of a consumer whose lease has expired and from which PostgreSQL has received nothing for
 * `silentMs`: it is frozen, or its host or network is down. Active consumers are not affected.
 */
export async function endSilentRival(tx: Transaction, claimId: string, silentMs: number): Promise<void> {
  await tx`
    select pg_terminate_backend(pid)
    from pg_locks
    join pg_stat_activity using (pid)
    where locktype = 'advisory' and granted and objsubid = 2
      and database = (select oid from pg_database where datname = current_database())
      and classid::bigint = ${LOCKS.redisClaim}
      and objid::bigint = hashtext(${claimId}::text)::bigint & 4294967295
      and ${isSilent(tx, silentMs)}`;
}
