import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "@/server/process/config";

/** Browser features that no page uses. */
const UNUSED_FEATURES = [
  "accelerometer",
  "browsing-topics",
  "camera",
  "display-capture",
  "geolocation",
  "gyroscope",
  "magnetometer",
  "microphone",
  "midi",
  "payment",
  "publickey-credentials-get",
  "screen-wake-lock",
  "serial",
  "usb",
  "xr-spatial-tracking",
];

const FOR_ALL: Readonly<Record<string, string>> = {
  "X-Content-Type-Options": "nosniff",
  // For browsers without support for frame-ancestors.
  "X-Frame-Options": "DENY",
  // URLs contain filters, such as user IDs.
  "Referrer-Policy": "same-origin",
  "Permissions-Policy": UNUSED_FEATURES.map((feature) => `${feature}=()`).join(", "),
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Permitted-Cross-Domain-Policies": "none",
};

/** One year. Excludes subdomains, which may belong to other services. */
const HSTS = "max-age=31536000";

/** Build files: named by content and identical for all users. */
const PUBLIC_FILE = /^\/(?:_next\/static\/|icon\.svg)/;

/** Exports and archives. Compression in transit would invalidate checksum, length and ranges. */
const DOWNLOAD = /^\/api\/v1\/batch-processing\/(?:archives\/[^/?]+\/)?download(?:\?|$)/;

/** Pages and files of share links. Their URLs are secrets, and nothing may keep a copy of what they show. */
const SHARED = /^\/(?:api\/)?shared\//;

/**
 * Sets the security headers of a response before anything is written, and the nonce for a page's scripts. Next.js
 * applies the nonce in the *request's* Content-Security-Policy to every script it renders.
 * @param dev React's development build evaluates code to rebuild stack traces
 */
export function secure(
  request: IncomingMessage,
  response: ServerResponse,
  { appUrl }: Pick<Config, "appUrl">,
  dev = false,
): void {
  const path = request.url ?? "/";
  const nonce = randomBytes(16).toString("base64");
  const policy = path.startsWith("/api/") ? API_POLICY : pagePolicy(nonce, dev);
  request.headers["content-security-policy"] = policy;
  request.headers["x-nonce"] = nonce;
  response.setHeader("Content-Security-Policy", policy);
  for (const [name, value] of Object.entries(FOR_ALL)) response.setHeader(name, value);
  if (appUrl.startsWith("https:")) response.setHeader("Strict-Transport-Security", HSTS);
  if (SHARED.test(path)) {
    response.setHeader("Referrer-Policy", "no-referrer");
    response.setHeader("X-Robots-Tag", "noindex, nofollow");
  }
  const caching = DOWNLOAD.test(path) ? "private, no-cache, no-transform" : "no-store";
  if (!PUBLIC_FILE.test(path)) response.setHeader("Cache-Control", caching);
}

/** API responses are data and are never rendered as pages. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

function pagePolicy(nonce: string, dev: boolean): string {
  return [
    "default-src 'self'",
    // Scripts with the nonce, and scripts that they load.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ""}`,
    "script-src-attr 'none'",
    // Mantine and Recharts position elements by style attributes, for which nonces are not supported.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}
