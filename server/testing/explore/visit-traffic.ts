import { gaussian, type IncidentRow, type Random, randomOf, rowOf, type World } from "./traffic";

/** Visits of people and programs, by three sets of numbers. Only for tests. */

interface Shape {
  readonly clients: number;
  /** Higher for fewer routes and clients with most of the traffic. */
  readonly skew: number;
  readonly visitLength: number;
  readonly errorRate: number;
  readonly bots: number;
  /** Of routes, regions and browsers. */
  readonly counts: readonly number[];
}

const SHAPES = {
  visits: { clients: 3_000, skew: 0.8, visitLength: 4, errorRate: 0.01, bots: 0.08, counts: [25, 12, 10] },
  machines: { clients: 60, skew: 1.1, visitLength: 10, errorRate: 0.03, bots: 0.6, counts: [60, 5, 6] },
  campus: { clients: 800, skew: 0.4, visitLength: 8, errorRate: 0.004, bots: 0.02, counts: [12, 25, 18] },
} as const satisfies Record<string, Shape>;

interface Places extends Shape {
  readonly random: Random;
  readonly routes: readonly string[];
  readonly regions: readonly string[];
  readonly browsers: readonly string[];
}

export function visitTraffic(name: keyof typeof SHAPES, random: Random): World {
  const shape: Shape = SHAPES[name];
  const names = (index: number, text: string) =>
    Array.from({ length: shape.counts[index] ?? 1 }, (_, i) => `${text}${i}`);
  const places: Places = {
    ...{ ...shape, random },
    routes: names(0, "/api/r").map((route, index) => (index % 3 === 0 ? `${route}/:id` : route)),
    regions: names(1, "Region "),
    browsers: names(2, "Browser ").map((text, index) => `${text} ${100 + (index % 4)}`),
  };
  return {
    visit: (period, parts) => visit(places, period, parts),
    stranger: () => visit(places, 0, 0, places.clients + 77),
  };
}

/** An index below `length`; low ones are more frequent. */
function skewed({ random, skew }: Places, length: number): number {
  return Math.floor(length * random() ** (1 + skew));
}

/** A visitor makes several requests in one period; what it is does not change. */
function* visit(
  world: Places,
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
