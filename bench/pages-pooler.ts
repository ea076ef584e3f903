import type { LogTableName } from "@/server/catalog";
import { connectDatabase } from "@/server/db/client";
import { DEMO_TABLES } from "@/server/demo/traffic";
import type { Context } from "@/server/process/context";
import { listLogs } from "@/server/services/logs";
import type { LogQuery } from "@/server/services/logs/contract";
import { flushValuesIndexes } from "@/server/services/tables";
import { startPgBouncer } from "@/server/testing/pgbouncer";
import { describeMachine, median, print, withBench } from "./harness";
import { ends, filterCases, inTurn, met } from "./pages";
import { DAYS, fillTable } from "./pages-data";

const ROWS = 1_000_000;
const BAR = 1.3;

/**
 * Measures pages of both log tables through PgBouncer in transaction mode, alternating with the same pages on a direct
 * connection. Arguments as for `pages`.
 */
export async function benchPagesPooler(): Promise<void> {
  const rows = Number(process.argv[3] ?? ROWS);
  print(`pages through PgBouncer: ${rows} rows over ${DAYS} days in each table; ${describeMachine()}`);
  await withBench({ connections: 2, databaseFolder: process.argv[4] }, async ({ ctx, url, port }) => {
    const pgbouncer = await startPgBouncer(port);
    const poolerUrl = pgbouncer.url(new URL(url).pathname.slice(1));
    const db = connectDatabase(url, { applicationName: "bench", poolerUrl, max: 2 });
    try {
      for (const name of DEMO_TABLES) {
        await fillTable(ctx, name, rows);
        await flushValuesIndexes(ctx);
        await compare(ctx, { ...ctx, db }, name);
      }
    } finally {
      await db.close();
      await pgbouncer.stop();
    }
  });
}

async function compare(direct: Context, pooled: Context, table: LogTableName): Promise<void> {
  const { newest, oldest } = await ends(direct, table);
  const middle = await listLogs(direct, table, { at: new Date((newest + oldest) / 2).toISOString() });
  const queries: LogQuery[] = [
    {},
    { cursor: middle.next_cursor ?? undefined },
    ...(await filterCases(direct, table)).map((filters) => ({ filters })),
  ];
  const page = (ctx: Context, query: LogQuery) => () => listLogs(ctx, table, { ...query, count: "none" });
  const times = await inTurn(queries.flatMap((query) => [page(direct, query), page(pooled, query)]));
  const ratios = queries.map((_, index) => (times[2 * index + 1] ?? 0) / (times[2 * index] ?? 0));
  for (const [index, query] of queries.entries()) {
    const [ms = 0, pooledMs = 0] = times.slice(2 * index);
    const label = JSON.stringify(query.filters ?? (query.cursor ? "by cursor at 50 %" : "first page"));
    print(
      `  ${label.padEnd(52)} ${ratios[index]?.toFixed(2)} of direct (${pooledMs.toFixed(2)} ms, direct ${ms.toFixed(2)})`,
    );
  }
  const ratio = median(ratios);
  const worst = Math.max(...ratios);
  print(
    `${table}: median ${ratio.toFixed(2)} of direct (bar ${BAR}) ${met(ratio <= BAR)}, slowest ${worst.toFixed(2)}`,
  );
}
