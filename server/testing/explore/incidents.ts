/** Generates log rows of a window, its baseline and the day before, with a known cause or none. Only for tests. */

export const FIELDS = [
  ...["route", "request_path", "ip_address", "ip_block", "user_id", "session_id", "user_agent", "browser", "os"],
  ...["device_type", "is_bot", "referer_host", "country", "region", "city", "status_code", "status_class"],
] as const;
type Field = (typeof FIELDS)[number];

export interface IncidentRow {
  readonly values: Readonly<Record<Field, string | null>>;
  /** 0 for the window, 1 to SLICES for the baseline, then the day before. */
  readonly period: number;
  readonly status: number;
  readonly time: number;
}

interface Cause {
  readonly field: Field;
  readonly value: string;
}

export const INCIDENTS = ["route", "ip", "browser fails", "browser", "region", "two", "none"] as const;
export type IncidentName = (typeof INCIDENTS)[number];

/** Kinds of traffic in which incidents happen. */
export const TRAFFIC = ["visits", "machines", "campus"] as const;
export type Traffic = (typeof TRAFFIC)[number];

type Random = () => number;

/** Pseudo-random numbers from 0 to 1 (mulberry32). */
function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface World {
  readonly random: Random;
  readonly routes: readonly string[];
  readonly regions: readonly string[];
  readonly browsers: readonly string[];
  readonly clients: number;
  /** Higher for fewer routes and clients with most of the traffic. */
  readonly skew: number;
  readonly visitLength: number;
  readonly errorRate: number;
  readonly bots: number;
}

const SHAPES: Readonly<
  Record<Traffic, Omit<World, "random" | "routes" | "regions" | "browsers"> & { counts: number[] }>
> = {
  visits: { clients: 3_000, skew: 0.8, visitLength: 4, errorRate: 0.01, bots: 0.08, counts: [25, 12, 10] },
  machines: { clients: 60, skew: 1.1, visitLength: 10, errorRate: 0.03, bots: 0.6, counts: [60, 5, 6] },
  campus: { clients: 800, skew: 0.4, visitLength: 8, errorRate: 0.004, bots: 0.02, counts: [12, 25, 18] },
};

function worldOf(traffic: Traffic, random: Random): World {
  const { counts, ...shape } = SHAPES[traffic];
  const names = (index: number, name: string) => Array.from({ length: counts[index] ?? 1 }, (_, i) => `${name}${i}`);
  return {
    ...{ ...shape, random },
    routes: names(0, "/api/r").map((route, index) => (index % 3 === 0 ? `${route}/:id` : route)),
    regions: names(1, "Region "),
    browsers: names(2, "Browser ").map((name, index) => `${name} ${100 + (index % 4)}`),
  };
}

/** An index below `length`; low ones are more frequent. */
function skewed({ random, skew }: World, length: number): number {
  return Math.floor(length * random() ** (1 + skew));
}

/** A visitor makes several requests in one period; what it is does not change. */
function* visit(
  world: World,
  period: number,
  parts: number,
  client = skewed(world, world.clients),
): Generator<IncidentRow> {
  const { random } = world;
  const own = randomOf(client * 7_919 + 13);
  const region = world.regions[Math.floor(own() ** 1.5 * world.regions.length)] ?? "";
  const isBot = own() < world.bots;
  const browser = isBot ? "Bot" : (world.browsers[Math.floor(own() ** 1.7 * world.browsers.length)] ?? "");
  const os = ["Windows", "Android", "iOS", "macOS"][Math.floor(own() ** 1.4 * 4)] ?? null;
  const block = `10.${client % 200}.${Math.floor(client / 200)}`;
  const length = Math.ceil(-Math.log(1 - random()) * world.visitLength);
  const session = `s${Math.floor(random() * 1e9)}`;
  const city = `${region} city ${Math.floor(own() * 4)}`;
  const favourite = Math.floor(own() * world.routes.length);
  for (let request = 0; request < length; request++) {
    const index = random() < 0.2 ? favourite : skewed(world, world.routes.length);
    const route = world.routes[index] ?? "";
    const isError = random() < world.errorRate * (index % 5 === 0 ? 2 : 0.8);
    const isRefused = !isError && random() < 0.03;
    yield rowOf({
      values: {
        route,
        request_path: route.replace(":id", String(Math.floor(random() * 5_000))),
        ip_address: `${block}.${client % 250}`,
        ip_block: `${block}.0/24`,
        user_id: own() < 0.4 ? null : `u${client}`,
        session_id: session,
        user_agent: `${browser} on ${os}`,
        ...{ browser, os, region, city },
        device_type: os === "Android" || os === "iOS" ? "mobile" : "desktop",
        is_bot: String(isBot),
        referer_host: random() < 0.5 ? "example.com" : random() < 0.3 ? "search.example" : null,
        country: region.endsWith("1") ? "SG" : "CN",
        status_code: null,
        status_class: null,
      },
      // The requests of a visit are in one or two parts of a period.
      period: period === 0 || period > parts ? period : Math.min(parts, period + (random() < 0.2 ? 1 : 0)),
      status: isError ? 500 : isRefused ? 404 : 200,
      time: Math.round(20 * Math.exp(gaussian(random) * 0.7) * (1 + (index % 7))),
    });
  }
}

function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The row with its status as fields. */
function rowOf(row: IncidentRow): IncidentRow {
  const status = String(row.status);
  return { ...row, values: { ...row.values, status_code: status, status_class: `${status[0]}xx` } };
}

export interface Incident {
  readonly rows: readonly IncidentRow[];
  /** The first finding must be one of these, and all must be found. */
  readonly causes: readonly Cause[];
}

/** @param parts the number of parts of the baseline */
export function incidentOf(name: IncidentName, traffic: Traffic, seed: number, parts: number): Incident {
  const random = randomOf(seed);
  const world = worldOf(traffic, random);
  const size = 2_500 + Math.floor(random() * 4_500);
  // Growth of all traffic is no cause.
  const growth = 0.6 + random() * 1.6;
  const rows: IncidentRow[] = [];
  const fill = (count: number, periods: () => number) => {
    const target = rows.length + count;
    while (rows.length < target) rows.push(...visit(world, periods(), parts));
  };
  fill(size * growth, () => 0);
  fill(size, () => 1 + Math.floor(random() * parts));
  fill(size * (0.8 + random() * 0.5), () => parts + 1);
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
    const result = cause(kind, changed, world, size * growth, causes);
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

function cause(kind: IncidentName, rows: IncidentRow[], world: World, size: number, others: readonly Cause[]): Change {
  const { random } = world;
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
        !others.some((other) => other.value === value),
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
      for (const row of visit(world, 0, 0))
        added.push({ ...row, values: { ...row.values, browser: value, user_agent: `${value} on ${row.values.os}` } });
    return { cause: { field: "browser", value }, rows: [...rows, ...added] };
  }
  const value = `203.0.113.${Math.floor(random() * 250)}`;
  const target = random() < 0.6 ? pick("route") : null;
  while (added.length < count)
    for (const row of visit(world, 0, 0, world.clients + 77)) {
      const route = target ?? row.values.route ?? "";
      added.push({
        ...row,
        values: { ...row.values, route, request_path: route, ip_address: value, ip_block: "203.0.113.0/24" },
      });
    }
  return { cause: { field: "ip_address", value }, rows: [...rows, ...added] };
}
