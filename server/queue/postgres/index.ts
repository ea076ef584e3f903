import { hash } from "node:crypto";
import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import { LOCKS } from "@/server/db/advisory-locks";
import type { Database, Transaction } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { isSilent, SILENT_MS } from "@/server/db/silent-sessions";
import { hashUuid } from "@/server/lib/hash-uuid";
import { type InFlightClaim, type LogQueue, MAX_PAYLOAD_BYTES, MAX_PEEK_BYTES } from "../log-queue";
import { isPaused } from "../paused";
import { makeAttempts } from "./attempts";
import { createCounter } from "./count";

/** The first key of the advisory locks with which a consumer publishes its number of events. */
const inFlightLock = (queue: LogTableName) => LOCKS.queueInFlight + LOG_TABLE_NAMES.indexOf(queue);

/** Rows per INSERT. A larger push is still a single transaction. */
const PUSH_CHUNK = 5_000;

/**
 * Creates the queue in the table log_queue. Claim, handler and delete share a transaction with SKIP LOCKED, so a worker
 * that dies leaves nothing behind.
 */
export function createPostgresQueue({ db }: { db: Database }): LogQueue {
  const { sql } = db;
  const counter = createCounter(sql);
  const attempts = makeAttempts();
  return {
    backend: "postgres",
    push: async (queue, payloads) => {
      if (payloads.length === 0) return;
      await sql.begin(async (tx) => {
        for (let start = 0; start < payloads.length; start += PUSH_CHUNK) {
          await insert(tx, queue, payloads.slice(start, start + PUSH_CHUNK));
        }
      });
      counter.add(queue, payloads.length);
    },
    consume: async (queue, limits, handler) => {
      const taken = await db.intake[queue].begin(async (tx) => {
        const events = await take(tx, queue, limits);
        const [first] = events;
        if (!first) return 0;
        await attempts.of(first.seq, async (attempt) => {
          const id = claimId(queue, first.seq, events.length);
          const claimedAt = toIsoMicroseconds(first.enqueued_at);
          await handler({ id, claimedAt, payloads: events.map((event) => event.payload), attempt }, tx);
        });
        return events.length;
      });
      counter.add(queue, -taken);
      return taken;
    },
    depth: async (queue) => {
      const total = await counter.read(queue);
      // A single statement, whose snapshot is older than the locks it reads. Events taken since are still in the
      // snapshot and are skipped with those in flight, which are the oldest. Two statements could skip waiting events.
      const [seen] = await sql<{ in_flight: InFlightClaim[]; age: number | null }[]>`
        with held as materialized (
          select
            -- Extends the 32-bit transaction ID to 64 bits: the candidate nearest to the newest ID.
            (xid + round((newest - xid) / 4294967296.0) * 4294967296)::bigint::text as claim_id,
            objid::bigint as events,
            greatest(extract(epoch from clock_timestamp() - xact_start), 0)::float8 as age_seconds
          from pg_locks
          join pg_stat_activity using (pid)
          cross join lateral (
            select backend_xid::text::bigint as xid, pg_snapshot_xmax(pg_current_snapshot())::text::bigint as newest
          ) as number
          where locktype = 'advisory' and classid = ${inFlightLock(queue)} and objsubid = 2
            and database = (select oid from pg_database where datname = current_database())
            and xid is not null
        )
        select
          coalesce((select json_agg(
            json_build_object('claimId', claim_id, 'events', events, 'ageSeconds', age_seconds)
          ) from held), '[]') as in_flight,
          (
            select greatest(extract(epoch from clock_timestamp() - enqueued_at), 0)::float8
            from log_queue
            where queue = ${queue}
            order by seq
            offset (select coalesce(sum(events), 0) from held)
            limit 1
          ) as age`;
      const claims = seen?.in_flight ?? [];
      const age = seen?.age ?? null;
      const inFlight = claims.reduce((sum, claim) => sum + claim.events, 0);
      return {
        length: age === null ? 0 : Math.max(total - inFlight, 1),
        inFlight: claims,
        oldestAgeSeconds: age,
        refusal: null,
      };
    },
    peek: async (queue, limit) => {
      // Those in flight are the oldest. Their locks must not be waited for, nor may these rows be locked.
      const rows = await sql<{ payload: string; bytes: number; age: number }[]>`
        select
          left(payload, ${MAX_PEEK_BYTES}::int) as payload,
          octet_length(payload) as bytes,
          greatest(extract(epoch from clock_timestamp() - enqueued_at), 0)::float8 as age
        from log_queue
        where queue = ${queue}
        order by seq
        offset (
          select coalesce(sum(objid::bigint), 0)
          from pg_locks
          where locktype = 'advisory' and classid = ${inFlightLock(queue)} and objsubid = 2
            and database = (select oid from pg_database where datname = current_database())
        )
        limit ${limit}`;
      return rows.map(({ payload, bytes, age }) => ({ payload, bytes, waitingSeconds: age }));
    },
    storeTime: async () => null,
    // A consumer's claim consists of row locks, which are released when its session ends.
    recover: async () => {
      const ended = await sql`
        select pg_terminate_backend(pid)
        from pg_locks
        join pg_stat_activity using (pid)
        where locktype = 'advisory' and granted and objsubid = 2
          and classid::bigint = any(${LOG_TABLE_NAMES.map(inFlightLock)}::bigint[])
          and database = (select oid from pg_database where datname = current_database())
          and ${isSilent(sql, SILENT_MS)}`;
      return ended.count;
    },
    ping: async () => {
      await sql`select 1`;
      return null;
    },
    close: async () => {},
  };
}

async function insert(tx: Transaction, queue: LogTableName, payloads: readonly string[]): Promise<void> {
  // PostgreSQL text and JSON cannot contain NUL; such an event becomes a dead letter.
  const texts = payloads.map((payload) => payload.replaceAll("\u0000", "\ufffd"));
  await tx`
    insert into log_queue (queue, payload)
    select ${queue}, payload
    from unnest(${texts}::text[]) with ordinality as event (payload, position)
    order by position`;
}

interface QueuedEvent {
  seq: string;
  payload: string;
  enqueued_at: string;
}

/**
 * Takes the oldest unlocked events, up to `limits.events` and about `limits.bytes`. Events pushed after the queue was
 * paused are never taken, because one snapshot contains both or neither. Rows that were locked but exceed the byte
 * limit are released at the end of the transaction. Rows are deleted by ctid, which is stable for a locked row: a claim
 * of 2,000 rows took 33 ms, and 80 ms by primary key.
 */
async function take(
  tx: Transaction,
  queue: LogTableName,
  limits: { events: number; bytes: number },
): Promise<QueuedEvent[]> {
  const events = await tx<QueuedEvent[]>`
    with candidate as materialized (
      select ctid, seq, octet_length(payload) as bytes
      from log_queue
      where queue = ${queue} and not ${isPaused(tx, queue)}
      order by seq
      limit ${limits.events}
      for update skip locked
    ),
    fitting as (
      select ctid
      from (select ctid, sum(bytes) over (order by seq) - bytes as bytes_before from candidate) as running
      where bytes_before < ${limits.bytes}::bigint or bytes_before = 0
    ),
    taken as (
      delete from log_queue
      where ctid = any(array(select ctid from fitting))
      returning
        seq,
        enqueued_at,
        case
          when octet_length(payload) > ${MAX_PAYLOAD_BYTES}::int then left(payload, ${MAX_PAYLOAD_BYTES}::int)
          else payload
        end as payload
    ),
    shown as (
      select pg_advisory_xact_lock_shared(${inFlightLock(queue)}::int, count(*)::int)
      from taken
      having count(*) > 0
    )
    select taken.seq, taken.payload, taken.enqueued_at
    from taken
    cross join shown
    order by taken.seq`;
  return events;
}

/** Derives the ID from the events, so that a redelivery has the same claim ID. */
function claimId(queue: LogTableName, firstSeq: string, count: number): string {
  return hashUuid(hash("sha256", `${queue}:${firstSeq}:${count}`), 8);
}
