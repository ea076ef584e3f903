import { makeCurrentSetting } from "../current-setting";

/** How the events of a queue are read. */
interface QueueMapping {
  /** 0: it was never set. */
  readonly version: number;
  /** Undefined: events have the names of columns. */
  readonly expression?: string;
}

/** The mapping of a queue; see CurrentSetting. */
export const { current: currentQueueMapping, expire: expireQueueMapping } = makeCurrentSetting<QueueMapping>(
  async (ctx, table, last) => {
    const [row] = await ctx.db.sql<{ version: number; expression: string | null }[]>`
      select version, expression from queue_mappings where queue = ${table} order by version desc limit 1`;
    const version = row?.version ?? 0;
    if (version === last?.version) return last;
    return { version, expression: row?.expression ?? undefined };
  },
);
