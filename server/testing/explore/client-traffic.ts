import { chooseFrom, gaussian, type IncidentRow, type Random, randomOf, rowOf, type World } from "./traffic";

/**
 * A few programs that call an API in batches, each from one or two addresses. Two of them have a job that runs in the
 * window as on every day at this time, and not in the hours before. Only for tests.
 */

const CLIENTS = 26;
const SDKS = ["python-sdk 2.4", "java-sdk 5.0", "java-sdk 5.1", "node-sdk 1.9", "go-sdk 0.8"];
const DATA_CENTRES = ["Shanghai", "Beijing", "Guangzhou", "Chengdu", "Singapore", "Frankfurt"];
const ROUTES = Array.from({ length: 34 }, (_, index) => `/v2/res${index}${index % 2 === 0 ? "/:id" : "/search"}`);
const REQUESTS_PER_BATCH = 22;
/** The part of the window's batches that jobs make. */
const JOBS = 0.18;

interface Client {
  readonly id: number;
  readonly sdk: string;
  readonly region: string;
  readonly routes: readonly string[];
  readonly addresses: readonly string[];
  readonly speed: number;
}

function clientOf(id: number): Client {
  const own = randomOf(id * 104_729 + 7);
  const network = `172.${16 + (id % 12)}.${id}`;
  return {
    id,
    sdk: chooseFrom(own, SDKS),
    region: chooseFrom(own, DATA_CENTRES),
    routes: Array.from({ length: 4 + Math.floor(own() * 8) }, () => chooseFrom(own, ROUTES, 0.7)),
    addresses: own() < 0.5 ? [`${network}.10`] : [`${network}.10`, `${network}.11`],
    speed: 0.6 + own() * 1.2,
  };
}

export function clientTraffic(random: Random): World {
  const clients = Array.from({ length: CLIENTS }, (_, id) => clientOf(id));
  const withJob = [chooseFrom(random, clients), chooseFrom(random, clients)];
  return {
    hasFewVisitors: true,
    visit: (period, parts) => {
      const isJobTime = period === 0 || period > parts;
      const usual = clients.filter((client) => !withJob.includes(client));
      return batch(
        random,
        isJobTime && random() < JOBS ? chooseFrom(random, withJob) : chooseFrom(random, usual, 0.6),
        {
          period,
        },
      );
    },
    stranger: () => batch(random, clientOf(CLIENTS + 9), { period: 0 }),
  };
}

function* batch(random: Random, client: Client, { period }: { period: number }): Generator<IncidentRow> {
  const length = Math.ceil(-Math.log(1 - random()) * REQUESTS_PER_BATCH);
  const session = random() < 0.5 ? null : `batch-${Math.floor(random() * 1e9)}`;
  const route = chooseFrom(random, client.routes);
  const address = chooseFrom(random, client.addresses);
  // A batch with a wrong parameter is refused as a whole.
  const isWrong = random() < 0.01;
  const errorRate = 0.008 + (ROUTES.indexOf(route) % 6 === 0 ? 0.02 : 0);
  for (let request = 0; request < length; request++) {
    const own = random() < 0.75 ? route : chooseFrom(random, client.routes);
    const status = random() < errorRate ? 500 : isWrong ? 422 : random() < 0.015 ? 404 : 200;
    yield rowOf({
      values: {
        route: own,
        request_path: own.replace(":id", String(Math.floor(random() * 800))),
        ip_address: address,
        ip_block: address.replace(/[0-9]+$/, "0/24"),
        user_id: `key-${client.id}`,
        session_id: session,
        user_agent: client.sdk.replace(" ", "/"),
        browser: client.sdk,
        os: "Linux",
        device_type: null,
        is_bot: String(client.sdk.startsWith("python")),
        referer_host: null,
        country: client.region === "Singapore" ? "SG" : client.region === "Frankfurt" ? "DE" : "CN",
        region: client.region,
        city: client.region,
        status_code: null,
        status_class: null,
      },
      period,
      status,
      time: Math.round(client.speed * (15 + 9 * (ROUTES.indexOf(own) % 5)) * Math.exp(gaussian(random) * 0.6)),
    });
  }
}
