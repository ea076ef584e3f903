import { AppError } from "@/server/lib/errors";
import type { Config } from "@/server/process/config";
import type { Principal } from "@/server/process/context";

/**
 * Returns whether a browser sent the request from a page of this application. Requests that other sites trigger, and
 * those without any sign of their origin, do not qualify. `Sec-Fetch-Site`, which scripts cannot forge, decides if the
 * browser sends it (https and loopback). Otherwise `Origin` must be APP_URL's, or have the host that the request was
 * sent to, so that 127.0.0.1, localhost and a LAN address all work: cookies are bound to their host, so another host's
 * page cannot use them. With an https APP_URL, the origin must be https too.
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
 * Rejects a change that another site's page could have triggered with the session cookie. A principal authenticated by
 * API key passes, because browsers never add keys.
 * @throws AppError FORBIDDEN
 */
export function requireSameOrigin(config: Pick<Config, "appUrl">, principal: Principal, headers: Headers): void {
  if (principal.kind !== "user" || isSameOrigin(config, headers)) return;
  throw new AppError("auth.other_origin", {});
}
