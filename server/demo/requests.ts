import type { Random } from "./random";

interface Route {
  readonly weight: number;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `:id` is replaced by a number. */
  readonly path: string;
  /** Median response time in milliseconds. */
  readonly median: number;
  readonly isPublic?: boolean;
  readonly created?: boolean;
}

const ROUTES: readonly [Route, ...Route[]] = [
  { weight: 90, method: "GET", path: "/", median: 38, isPublic: true },
  { weight: 40, method: "GET", path: "/login", median: 30, isPublic: true },
  { weight: 30, method: "POST", path: "/api/v1/auth/login", median: 180, isPublic: true },
  { weight: 14, method: "POST", path: "/api/v1/auth/refresh", median: 42 },
  { weight: 9, method: "POST", path: "/api/v1/auth/logout", median: 35 },
  { weight: 12, method: "POST", path: "/api/v1/auth/sms-code", median: 240, isPublic: true },
  { weight: 130, method: "GET", path: "/api/v1/cases", median: 85 },
  { weight: 120, method: "GET", path: "/api/v1/cases/:id", median: 60 },
  { weight: 22, method: "POST", path: "/api/v1/cases", median: 210, created: true },
  { weight: 26, method: "PATCH", path: "/api/v1/cases/:id", median: 150 },
  { weight: 34, method: "GET", path: "/api/v1/cases/:id/documents", median: 75 },
  { weight: 16, method: "POST", path: "/api/v1/cases/:id/documents", median: 640, created: true },
  { weight: 11, method: "POST", path: "/api/v1/documents/generate", median: 2_300, created: true },
  { weight: 28, method: "GET", path: "/api/v1/documents/:id/download", median: 310 },
  { weight: 60, method: "GET", path: "/api/v1/lawyers?city=%E6%B7%B1%E5%9C%B3", median: 110, isPublic: true },
  { weight: 48, method: "GET", path: "/api/v1/lawyers/:id", median: 55, isPublic: true },
  { weight: 13, method: "POST", path: "/api/v1/lawyers/:id/consultations", median: 190, created: true },
  { weight: 18, method: "POST", path: "/api/v1/payments", median: 420, created: true },
  { weight: 17, method: "POST", path: "/api/v1/payments/wechat/notify", median: 65, isPublic: true },
  { weight: 30, method: "GET", path: "/api/v1/payments/:id/status", median: 48 },
  { weight: 3, method: "POST", path: "/api/v1/payments/:id/refund", median: 510, created: true },
  { weight: 70, method: "GET", path: "/api/v1/messages/unread-count", median: 18 },
  { weight: 32, method: "GET", path: "/api/v1/messages", median: 64 },
  { weight: 15, method: "POST", path: "/api/v1/messages", median: 95, created: true },
  { weight: 20, method: "GET", path: "/api/v1/users/me", median: 25 },
  { weight: 4, method: "PUT", path: "/api/v1/users/me/profile", median: 120 },
  { weight: 2, method: "DELETE", path: "/api/v1/cases/:id/documents/:id", median: 90 },
  { weight: 26, method: "GET", path: "/api/v1/statistics/dashboard", median: 460 },
  { weight: 24, method: "GET", path: "/articles/:id", median: 44, isPublic: true },
  { weight: 16, method: "GET", path: "/search?q=%E5%8A%B3%E5%8A%A8%E5%90%88%E5%90%8C", median: 190, isPublic: true },
];

/** Paths requested by internet scanners. */
const PROBES = ["/.env", "/wp-login.php", "/phpmyadmin/index.php", "/.git/config", "/actuator/env"] as const;

const REFERERS: readonly [{ weight: number; text: string }, ...{ weight: number; text: string }[]] = [
  { weight: 60, text: "https://www.lawsker.com/" },
  { weight: 20, text: "https://www.lawsker.com/cases" },
  { weight: 10, text: "https://www.baidu.com/link?url=lawsker" },
  { weight: 4, text: "https://www.sogou.com/web" },
];

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly responseTime: number;
  readonly referer: string | null;
  readonly isSignedIn: boolean;
}

export function requestOf(random: Random, isBot: boolean): Request {
  if (random.chance(0.004)) {
    const status = random.chance(0.8) ? 404 : 403;
    return { method: "GET", path: random.pick(PROBES), status, responseTime: 3, referer: null, isSignedIn: false };
  }
  const route = random.weighted(ROUTES);
  const status = statusOf(random, route);
  // Rejections are fast and timeouts slow; other requests have their route's median and a long tail.
  const median = status === 504 ? 30_000 : status >= 400 && status < 500 ? 15 : route.median;
  return {
    method: route.method,
    path: route.path.replaceAll(":id", () => String(random.whole(10_000, 99_999))),
    status,
    responseTime: Math.max(1, Math.round(random.logNormal(median, status === 504 ? 0.01 : 0.55))),
    referer: isBot || random.chance(0.25) ? null : random.weighted(REFERERS).text,
    isSignedIn: !isBot && !route.isPublic && status !== 401,
  };
}

function statusOf(random: Random, route: Route): number {
  const roll = random.next();
  if (roll < 0.0025) return 500;
  if (roll < 0.004) return 502;
  if (roll < 0.0052) return 504;
  if (route.path === "/api/v1/auth/login" && roll < 0.09) return 401;
  if (!route.isPublic && roll < 0.016) return 401;
  if (!route.isPublic && roll < 0.022) return 403;
  if (route.path.includes(":id") && roll < 0.034) return 404;
  if (route.method !== "GET" && roll < 0.05) return 422;
  if (roll < 0.052) return 429;
  if (route.method === "GET" && roll > 0.93) return 304;
  if (route.method === "DELETE") return 204;
  return route.created ? 201 : 200;
}
