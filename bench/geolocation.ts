import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { generateAccessLogEvents } from "@/server/demo/traffic";
import { makeGeolocation } from "@/server/geolocation";
import type { Context } from "@/server/process/context";
import { insertAccessLogs } from "@/server/services/intake";
import { prepareBatch } from "@/server/services/intake/events/prepare";
import { NO_RULES } from "@/server/services/intake/rules/rule-set";
import { makeXdb, type XdbRange } from "@/server/testing/xdb";
import { describeMachine, median, print, reset, residentMb, withBench } from "./harness";
import { processorSeconds } from "./processor-seconds";

const ROWS = 50_000;
const ROUNDS = 8;
const INSERT_ROUNDS = 3;
const MAX_SHARE = 0.05;
const BLOCKS = { v4: 500_000, v6: 400_000 };
/** Visitors of a busy site in the time of 50,000 requests, and the worst case. */
const ADDRESSES = [5_000, ROWS];

const ORIGIN = { receivedAt: "2026-01-01T00:00:00.000000Z", source: "bench", format: "json", rules: NO_RULES } as const;
const toIncoming = (event: unknown) => ({ event, raw: "", fallbackId: "" });

/**
 * Measures the processor time of geolocation per event, with databases of the size of ip2region's, compared with that
 * of this process and PostgreSQL for an insertAccessLogs without it.
 */
export async function benchGeolocation(): Promise<void> {
  print(`geolocation: ${ROWS} access logs, a third from IPv6 addresses; ${describeMachine()}`);
  const folder = await mkdtemp(path.join(tmpdir(), "bench-geolocation-"));
  await writeFile(path.join(folder, "ip2region_v4.xdb"), makeXdb(4, rangesV4()));
  await writeFile(path.join(folder, "ip2region_v6.xdb"), makeXdb(6, rangesV6()));
  await withBench({ connections: 4 }, async ({ ctx }) => {
    const geolocation = makeGeolocation(folder, ctx.log);
    const before = residentMb();
    await geolocation.lookup();
    print(`  memory of the databases: about ${residentMb() - before} MB`);
    for (const count of ADDRESSES) await compare(ctx, { ...ctx, geolocation }, count);
  });
  await rm(folder, { recursive: true, force: true });
}

async function compare(ctx: Context, located: Context, addresses: number): Promise<void> {
  const events = makeEvents(addresses);
  const prepare = (used: Context) => prepareBatch(used, "access_logs", events.map(toIncoming), ORIGIN);
  const off: number[] = [];
  const on: number[] = [];
  for (let round = 0; round < ROUNDS + 2; round++) {
    // In both orders, since a run also collects the garbage of the previous one. The first rounds warm up.
    const lists = round % 2 === 0 ? [off, on] : [on, off];
    for (const list of lists) {
      const micros = await ownMicros(() => prepare(list === on ? located : ctx));
      if (round > 1) list.push(micros);
    }
  }
  const stored: number[] = [];
  const storedPlaces: number[] = [];
  for (let round = 0; round < INSERT_ROUNDS; round++) {
    stored.push(await insertMicros(ctx, events));
    storedPlaces.push(await insertMicros(located, events));
  }
  const cost = median(on) - median(off);
  const intake = median(stored);
  print(
    `  ${addresses} addresses: ${cost.toFixed(1)} µs per event, of ${intake.toFixed(1)} for its intake without places`,
  );
  print(`    stored with places ${median(storedPlaces).toFixed(1)} µs`);
  print(
    `  geolocation ${((100 * cost) / intake).toFixed(1)} % of intake (bar ${100 * MAX_SHARE} %, medians of ${ROUNDS})`,
  );
}

async function insertMicros(ctx: Context, events: readonly unknown[]): Promise<number> {
  await reset(ctx.db.sql, "access_logs");
  const start = await processorSeconds(ctx.db.sql);
  await insertAccessLogs(ctx, events);
  const end = await processorSeconds(ctx.db.sql);
  return start === null || end === null ? Number.NaN : ((end - start) * 1e6) / ROWS;
}

/** Processor time of this process per event. */
async function ownMicros(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / ROWS;
}

function makeEvents(addresses: number): object[] {
  const end = new Date();
  const generated = generateAccessLogEvents(ROWS, { seed: 1, start: new Date(end.getTime() - 86_400_000), end });
  return [...generated].map((event, index) => {
    const { country, region, city, ...rest } = event;
    const visitor = (index * 7_919) % addresses;
    return { ...rest, ip_address: visitor % 3 === 0 ? addressV6(visitor) : addressV4(visitor) };
  });
}

const regionOf = (block: number) => {
  const code = block % 20_011;
  return `中国|省份${code % 34}|城市${code % 400}市|运营商${code}|CN`;
};

/** Public addresses from 1.0.0.0 on, in blocks of 4,096. */
function rangesV4(): XdbRange[] {
  return Array.from({ length: BLOCKS.v4 }, (_, block) => {
    const first = 2 ** 24 + block * 4_096;
    return [`${dotted(first)}-${dotted(first + 4_095)}`, regionOf(block)];
  });
}

function rangesV6(): XdbRange[] {
  return Array.from({ length: BLOCKS.v6 }, (_, block) => [`${networkV6(block)}::/36`, regionOf(block)]);
}

const addressV4 = (visitor: number) => dotted(2 ** 24 + ((visitor * 2_654_435_761) % (BLOCKS.v4 * 4_096)));
const addressV6 = (visitor: number) => `${networkV6((visitor * 7_919) % BLOCKS.v6)}:${visitor.toString(16)}::7`;

/** The first 36 bits of a block, the last four of which end its third group. */
function networkV6(block: number): string {
  const prefix = 0x24000000 + (block >> 4);
  return `${(prefix >>> 16).toString(16)}:${(prefix & 0xffff).toString(16)}:${((block & 15) << 12).toString(16)}`;
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((bits) => (address >>> bits) & 255).join(".");
}
