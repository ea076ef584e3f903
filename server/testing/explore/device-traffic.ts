import { chooseFrom, gaussian, type IncidentRow, type Random, randomOf, rowOf, type World } from "./traffic";

/**
 * Devices that report at regular intervals, in homes and shops that share addresses: one route has half of the rows,
 * and a device repeats what failed. Only for tests.
 */

const DEVICES = 1_400;
const FIRMWARE = ["fw 3.1.0", "fw 3.1.4", "fw 3.2.0", "fw 4.0.0", "fw 4.0.1", "fw 4.1.0", "fw 5.0.0-beta"];
const REGIONS = ["North", "East", "South", "West", "Center", "Coast", "Highland", "Islands", "Border"];
const ROUTES = ["/report/:id", "/config/:id", "/time", "/firmware/check", "/events", "/pair", "/media/:id", "/token"];
const REPORTS = 0.5;
const REPEATS = 0.4;

export function deviceTraffic(random: Random): World {
  // A firmware that is installed step by step.
  const installed = random() * 0.1;
  return {
    visit: (period, parts) => {
      const progress = period > parts ? 0 : period === 0 ? 1 : period / parts;
      return report(random, Math.floor(random() * DEVICES), period, installed * progress);
    },
    stranger: () => report(random, DEVICES + 3, 0, 0),
  };
}

function* report(random: Random, device: number, period: number, installed: number): Generator<IncidentRow> {
  const own = randomOf(device * 31_337 + 5);
  const region = chooseFrom(own, REGIONS, 0.6);
  const site = Math.floor(own() * 500);
  const version = own() < installed ? "fw 4.1.0" : chooseFrom(own, FIRMWARE, 0.3);
  const isQuick = own() < 0.7;
  const address = `198.18.${Math.floor(site / 200)}.${site % 200}`;
  const session = own() < 0.5 ? null : `boot-${device}-${Math.floor(random() * 3)}`;
  const length = 1 + Math.floor(random() * 3);
  for (let request = 0; request < length; request++) {
    const route = random() < REPORTS ? "/report/:id" : chooseFrom(random, ROUTES);
    do {
      const isFailed = random() < (route === "/pair" ? 0.03 : 0.005);
      const status = isFailed ? 503 : random() < 0.01 ? 401 : 200;
      yield rowOf({
        values: {
          route,
          request_path: route.replace(":id", String(device)),
          ip_address: address,
          ip_block: address.replace(/[0-9]+$/, "0/24"),
          user_id: `device-${device}`,
          session_id: session,
          user_agent: `Hub/${version}`,
          browser: version,
          os: device % 3 === 0 ? "RTOS" : "Linux",
          device_type: "iot",
          is_bot: "false",
          referer_host: null,
          country: "CN",
          region,
          city: `${region} ${site % 4}`,
          status_code: null,
          status_class: null,
        },
        period,
        status,
        time: Math.round((isQuick ? 12 : 40) * Math.exp(gaussian(random) * 0.5)),
      });
      if (!isFailed) break;
    } while (random() < REPEATS);
  }
}
