import type { LogTableName } from "@/server/catalog";
import { generateActivity } from "./activities";
import { timesBetween } from "./day-curve";
import { botUserAgent, createVisitors, frequentVisitor, type Visitor } from "./people";
import { createRandom, type Random } from "./random";
import { requestOf } from "./requests";

/** Visitors of the simulated platform: a few thousand per day. */
const VISITORS = 4_000;

/** One seed, and therefore the same visitors, for all demo traffic. */
export const DEMO_SEED = "lawsker";

/** The log tables that the demo fills; another one may stay empty. */
export const DEMO_TABLES = ["access_logs", "user_activities"] as const satisfies readonly LogTableName[];

export type DemoTable = (typeof DEMO_TABLES)[number];

export interface TrafficOptions {
  /** The same seed and times generate the same events. */
  readonly seed: string | number;
  readonly start: Date;
  readonly end: Date;
}

/** An access log event as sent by the platform's services. */
export interface AccessLogEvent {
  id: string;
  created_at: string;
  user_id: string | null;
  session_id: string;
  ip_address: string;
  user_agent: string;
  referer: string | null;
  request_path: string;
  request_method: string;
  status_code: number;
  response_time: number;
  country: string;
  region: string;
  city: string;
  host: string;
  request_id: string;
}

export interface UserActivityEvent {
  id: string;
  created_at: string;
  user_id: string;
  action: string;
  resource_type: string;
  resource_id: string;
  details: Record<string, unknown>;
  ip_address: string;
  user_agent: string;
  session_id: string;
}

/** Generates `count` requests between two times, oldest first, distributed according to a Chinese working day. */
export function* generateAccessLogEvents(count: number, options: TrafficOptions): Generator<AccessLogEvent> {
  const random = randomOf("access", options);
  const visitors = createVisitors(createRandom(`visitors ${options.seed}`), VISITORS);
  for (const time of timesBetween(count, options.start.getTime(), options.end.getTime(), random.next)) {
    yield accessLog(random, frequentVisitor(random, visitors), time);
  }
}

/** Generates `count` user activities, like generateAccessLogEvents. */
export function* generateUserActivityEvents(count: number, options: TrafficOptions): Generator<UserActivityEvent> {
  const random = randomOf("activity", options);
  const visitors = createVisitors(createRandom(`visitors ${options.seed}`), VISITORS);
  for (const time of timesBetween(count, options.start.getTime(), options.end.getTime(), random.next)) {
    yield userActivity(random, frequentVisitor(random, visitors), time);
  }
}

function randomOf(kind: string, options: TrafficOptions): Random {
  return createRandom(`${kind} ${options.seed} ${options.start.getTime()} ${options.end.getTime()}`);
}

function accessLog(random: Random, visitor: Visitor, time: number): AccessLogEvent {
  const isBot = random.chance(0.03);
  const request = requestOf(random, isBot);
  return {
    id: random.uuid(),
    created_at: withMicroseconds(time),
    user_id: request.isSignedIn ? visitor.userId : null,
    session_id: visitor.sessionId,
    ip_address: visitor.address,
    user_agent: isBot ? botUserAgent(random) : visitor.userAgent,
    referer: request.referer,
    request_path: request.path,
    request_method: request.method,
    status_code: request.status,
    response_time: request.responseTime,
    country: "中国",
    region: visitor.region,
    city: visitor.city,
    host: request.path.startsWith("/api/") ? "api.lawsker.com" : "www.lawsker.com",
    request_id: random.hex(16),
  };
}

function userActivity(random: Random, visitor: Visitor, time: number): UserActivityEvent {
  const { action, resourceType, resourceId, details } = generateActivity(random, visitor);
  return {
    id: random.uuid(),
    created_at: withMicroseconds(time),
    user_id: visitor.userId,
    action,
    resource_type: resourceType,
    resource_id: resourceId,
    details,
    ip_address: visitor.address,
    user_agent: visitor.userAgent,
    session_id: visitor.sessionId,
  };
}

function withMicroseconds(time: number): string {
  const whole = Math.floor(time);
  const micros = Math.floor((time - whole) * 1000);
  return `${new Date(whole).toISOString().slice(0, -1)}${String(micros).padStart(3, "0")}Z`;
}
