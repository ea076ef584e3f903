import { AppError } from "@/server/lib/errors";
import type { Config } from "@/server/process/config";
import type { Principal } from "@/server/process/context";

/**
 * Whether a browser sent this from one of our own pages. What a page of another site makes a browser
 * send, and what shows no sign of its origin at all, is not.
 *
 * `Sec-Fetch-Site`, which no script can forge, decides where the browser sends it (https and loopback).
 * Else `Origin` must be APP_URL's, or have the host that the request was sent to, so that 127.0.0.1,
 * localhost and a LAN address all work: a cookie only goes to the host that set it, so another host's
 * page cannot borrow it this way. Under an https APP_URL the origin must be https too.
 */
export function isSameOrigin(config: Pick<Config, "appUrl">, headers: Headers): boolean {
  const fetchSite = headers.get("sec-fetch-site");
  if (fetchSite !== null) return fetchSite === "same-origin";
  const origin = headers.get("origin");
  if (origin === null || !URL.canParse(origin)) return false;
  const sent = new URL(origin);
  const own = new URL(config.appUrl);
  if (sent.origin === own.origin) return true;
  return sent.host === headers.get("host") && (own.protocol === "http:" || sent.protocol === "https:");
}

/**
 * Refuses a change that a page of another site could have made a browser send with the session cookie.
 * A principal by API key passes: no browser adds a key by itself.
 * @throws AppError FORBIDDEN
 */
export function requireSameOrigin(config: Pick<Config, "appUrl">, principal: Principal, headers: Headers): void {
  if (principal.kind !== "user" || isSameOrigin(config, headers)) return;
  throw new AppError(
    "FORBIDDEN",
    "With the dashboard's cookie a change must come from the dashboard itself. Programs send an API key.",
  );
}
