import type { Transaction } from "@/server/db/client";
import { isSilent } from "../silence";

/** First half of the advisory lock of who stores a claim; the second is made of the claim's id. */
const CLAIM_LOCK = 7_120_603;

/** Whether a claim is this transaction's to store. */
export type ClaimState = "ours" | "settled" | "taken";

/**
 * Notes the claim as settled, unless it is, or another consumer is at it: then it does not wait for that one, which
 * may hang.
 */
export async function settle(tx: Transaction, claimId: string): Promise<ClaimState> {
  const [found] = await tx<{ free: boolean; settled: boolean }[]>`
    with lock as materialized (
      select pg_try_advisory_xact_lock(${CLAIM_LOCK}::int, hashtext(${claimId}::text)) as free
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
 * Ends the transaction of a consumer whose lease is over and of which PostgreSQL has heard nothing for that long: it
 * is frozen, or its machine or network is gone. One that is at work is left alone.
 */
export async function endSilentRival(tx: Transaction, claimId: string, silentMs: number): Promise<void> {
  await tx`
    select pg_terminate_backend(pid)
    from pg_locks
    join pg_stat_activity using (pid)
    where locktype = 'advisory' and granted and objsubid = 2
      and database = (select oid from pg_database where datname = current_database())
      and classid::bigint = ${CLAIM_LOCK}
      and objid::bigint = hashtext(${claimId}::text)::bigint & 4294967295
      and ${isSilent(tx, silentMs)}`;
}
