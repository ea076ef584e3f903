import { chooseFrom, gaussian, type IncidentRow, type Random, rowOf, type World } from "./traffic";

/**
 * A public site: most visitors are new, some stay very long, mobile networks share addresses, the share of phones rises
 * or falls through the day, and the day before may be on a weekend. Only for tests.
 */

const REGIONS = Array.from({ length: 28 }, (_, index) => `Province ${index}`);
const PAGES = ["/", "/search", "/cart", "/pay", "/login", "/account", "/api/stock", "/api/price", "/help"];
const ROUTES = [...PAGES, ...Array.from({ length: 14 }, (_, index) => `/c${index}/:id`)];
const PHONES = [
  ...["WeChat 8.0", "WeChat 8.1", "Chrome Mobile 126", "Chrome Mobile 127", "Safari Mobile 17", "Safari Mobile 18"],
  "Huawei Browser 14",
];
const DESKTOPS = ["Chrome 126", "Chrome 127", "Edge 126", "Edge 127", "Firefox 128", "Safari 17"];
/** Of the lengths of visits: few are long. */
const TAIL = 1.35;
const LONGEST = 120;

export function shopTraffic(random: Random): World {
  const from = 0.35 + random() * 0.3;
  const to = from + (random() - 0.5) * 0.1;
  const isWeekend = random() < 0.3;
  const phones = (period: number, parts: number) => {
    if (period > parts) return Math.min(0.9, to + (isWeekend ? 0.15 : 0));
    return period === 0 ? to : from + ((to - from) * period) / parts;
  };
  return {
    dayBefore: isWeekend ? 0.6 + random() : 0.9 + random() * 0.2,
    visit: (period, parts) => visit(random, period, phones(period, parts)),
    stranger: () => visit(random, 0, to),
  };
}

function* visit(random: Random, period: number, phones: number): Generator<IncidentRow> {
  const length = Math.min(LONGEST, Math.floor((1 - random()) ** (-1 / TAIL)));
  const isPhone = random() < phones;
  const isCrawler = random() < 0.03;
  const browser = isCrawler ? "Bot" : chooseFrom(random, isPhone ? PHONES : DESKTOPS, 0.8);
  const os = isPhone ? (browser.startsWith("Safari") ? "iOS" : random() < 0.75 ? "Android" : "iOS") : "Windows";
  const region = chooseFrom(random, REGIONS, 1.4);
  const visitor = Math.floor(random() * 1e7);
  // Phones share the addresses of their network.
  const address = isPhone
    ? `100.64.${REGIONS.indexOf(region)}.${Math.floor(random() * 6)}`
    : `10.${visitor % 190}.${visitor % 251}.${visitor % 241}`;
  const user = random() < 0.3 ? `member-${Math.floor(random() ** 2 * 9_000)}` : null;
  for (let request = 0; request < length; request++) {
    const route = chooseFrom(random, ROUTES, 0.5);
    const status = random() < (route === "/pay" ? 0.02 : 0.006) ? 502 : random() < 0.04 ? 404 : 200;
    yield rowOf({
      values: {
        route,
        request_path: route.replace(":id", String(Math.floor(random() ** 3 * 20_000))),
        ip_address: address,
        ip_block: address.replace(/[0-9]+$/, "0/24"),
        user_id: user,
        session_id: `v${visitor}`,
        user_agent: `${browser}; ${os}${isPhone ? `; model ${visitor % 40}` : ""}`,
        ...{ browser, os, region },
        device_type: isPhone ? "mobile" : "desktop",
        is_bot: String(isCrawler),
        referer_host: random() < 0.2 ? "ads.example" : random() < 0.4 ? "search.example" : "shop.example",
        country: "CN",
        city: `${region} ${Math.floor(random() ** 1.5 * 9)}`,
        status_code: null,
        status_class: null,
      },
      period,
      status,
      time: Math.round((route.startsWith("/api") ? 30 : 90) * Math.exp(gaussian(random) * (isPhone ? 0.9 : 0.6))),
    });
  }
}
