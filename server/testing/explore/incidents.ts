import { clientTraffic } from "./client-traffic";
import { deviceTraffic } from "./device-traffic";
import { shopTraffic } from "./shop-traffic";
import { type Field, type IncidentRow, type Random, randomOf, rowOf, type World } from "./traffic";
import { visitTraffic } from "./visit-traffic";

/** Generates log rows of a window, its baseline and the day before, with a known cause or none. Only for tests. */

interface Cause {
  readonly field: Field;
  readonly value: string;
}

export const INCIDENTS = ["route", "ip", "browser fails", "browser", "region", "two", "none"] as const;
export type IncidentName = (typeof INCIDENTS)[number];

/** Kinds of traffic in which incidents happen. */
const WORLDS = {
  visits: (random) => visitTraffic("visits", random),
  machines: (random) => visitTraffic("machines", random),
  campus: (random) => visitTraffic("campus", random),
  clients: clientTraffic,
  shop: shopTraffic,
  devices: deviceTraffic,
} as const satisfies Record<string, (random: Random) => World>;
export type Traffic = keyof typeof WORLDS;
export const TRAFFIC = Object.keys(WORLDS) as Traffic[];

export interface Incident {
  readonly rows: readonly IncidentRow[];
  /** The first finding must be one of these, and all must be found. */
  readonly causes: readonly Cause[];
}

/** @param parts the number of parts of the baseline */
export function incidentOf(name: IncidentName, traffic: Traffic, seed: number, parts: number): Incident {
  const random = randomOf(seed);
  const world = WORLDS[traffic](random);
  const size = 2_500 + Math.floor(random() * 4_500);
  // Growth of all traffic is no cause.
  const growth = 0.6 + random() * 1.6;
  const rows: IncidentRow[] = [];
  const fill = (count: number, periods: () => number) => {
    const target = rows.length + count;
    while (rows.length < target) rows.push(...world.visit(periods(), parts));
  };
  fill(size * growth, () => 0);
  fill(size, () => 1 + Math.floor(random() * parts));
  fill(size * (world.dayBefore ?? 0.8 + random() * 0.5), () => parts + 1);
  if (name === "none") return { rows: worse(rows, random, seed % 3), causes: [] };
  const kinds: IncidentName[] =
    name === "two"
      ? random() < 0.5
        ? ["route", "ip"]
        : random() < 0.5
          ? ["region", "browser fails"]
          : ["route", "region"]
      : [name];
  let changed = rows;
  const causes: Cause[] = [];
  for (const kind of kinds) {
    const result = cause(kind, changed, random, world, size * growth, causes);
    changed = result.rows;
    causes.push(result.cause);
  }
  return { rows: changed, causes };
}

/** Nothing, errors everywhere, or all requests slower. */
function worse(rows: IncidentRow[], random: Random, how: number): IncidentRow[] {
  if (how === 0) return rows;
  return rows.map((row) => {
    if (row.period !== 0) return row;
    if (how === 1) return rowOf({ ...row, time: row.time * 2 });
    return rowOf({ ...row, time: Math.round(row.time * (0.9 + random() * 0.2)) });
  });
}

interface Change {
  readonly rows: IncidentRow[];
  readonly cause: Cause;
}

function cause(
  kind: IncidentName,
  rows: IncidentRow[],
  random: Random,
  world: World,
  size: number,
  others: readonly Cause[],
): Change {
  const now = rows.filter(({ period }) => period === 0);
  /** A value with enough rows to be noticed, but not most of them. */
  const pick = (field: Field): string => {
    const counts = new Map<string, number>();
    for (const { values } of now) counts.set(values[field] ?? "", (counts.get(values[field] ?? "") ?? 0) + 1);
    const usual = [...counts].filter(
      ([value, count]) =>
        value !== "" &&
        value !== "Bot" &&
        count > now.length * 0.02 &&
        count < now.length * 0.4 &&
        !others.some((other) => other.value === value) &&
        !(world.hasFewVisitors && isOneVisitor(now, field, value)),
    );
    return usual[Math.floor(random() * usual.length)]?.[0] ?? [...counts.keys()][0] ?? "";
  };
  const change = (field: Field, edit: (row: IncidentRow) => IncidentRow): Change => {
    const value = pick(field);
    return {
      cause: { field, value },
      rows: rows.map((row) => (row.period === 0 && row.values[field] === value ? rowOf(edit(row)) : row)),
    };
  };
  const share = 0.35 + random() * 0.65;
  const status = [500, 502, 503, 504][Math.floor(random() * 4)] ?? 500;
  if (kind === "route" || kind === "browser fails")
    return change(kind === "route" ? "route" : "browser", (row) =>
      random() < share ? { ...row, status, time: status === 504 ? 30_000 : row.time } : row,
    );
  if (kind === "region") {
    const factor = 3 + random() * 8;
    return change("region", (row) => ({ ...row, time: Math.round(row.time * factor) }));
  }
  const added: IncidentRow[] = [];
  const count = size * (0.25 + random());
  if (kind === "browser") {
    const value = "Browser 7 999";
    while (added.length < count)
      for (const row of world.visit(0, 0))
        added.push({ ...row, values: { ...row.values, browser: value, user_agent: `${value} on ${row.values.os}` } });
    return { cause: { field: "browser", value }, rows: [...rows, ...added] };
  }
  const value = `203.0.113.${Math.floor(random() * 250)}`;
  const target = random() < 0.6 ? pick("route") : null;
  while (added.length < count)
    for (const row of world.stranger()) {
      const route = target ?? row.values.route ?? "";
      added.push({
        ...row,
        values: { ...row.values, route, request_path: route, ip_address: value, ip_block: "203.0.113.0/24" },
      });
    }
  return { cause: { field: "ip_address", value }, rows: [...rows, ...added] };
}

/** Whether most rows with a value have the same address. */
function isOneVisitor(rows: readonly IncidentRow[], field: Field, value: string): boolean {
  const counts = new Map<string | null, number>();
  let total = 0;
  for (const { values } of rows) {
    if (values[field] !== value) continue;
    total++;
    counts.set(values.ip_address, (counts.get(values.ip_address) ?? 0) + 1);
  }
  return Math.max(...counts.values()) > total * 0.6;
}
