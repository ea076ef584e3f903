import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "@/server/process/config";

/** What no page here uses. */
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
  // For browsers that do not know frame-ancestors.
  "X-Frame-Options": "DENY",
  // An address holds filters, such as whose rows are looked at.
  "Referrer-Policy": "same-origin",
  "Permissions-Policy": UNUSED_FEATURES.map((feature) => `${feature}=()`).join(", "),
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Permitted-Cross-Domain-Policies": "none",
};

/** A year. Without includeSubDomains: the host's other names are not ours to speak for. */
const HSTS = "max-age=31536000";

/** Files of the build: named by their content, the same for everybody. */
const PUBLIC_FILE = /^\/(?:_next\/static\/|icon\.svg)/;

/** Exports and archives: compression on the way would change the bytes that checksum, length and ranges are of. */
const DOWNLOAD = /^\/api\/v1\/batch-processing\/(?:archives\/[^/?]+\/)?download(?:\?|$)/;

/**
 * Gives an answer its security headers, before anybody writes to it, and a page the nonce that its scripts need:
 * Next.js puts the one of the *request's* Content-Security-Policy into every script it renders.
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
  const caching = DOWNLOAD.test(path) ? "private, no-cache, no-transform" : "no-store";
  if (!PUBLIC_FILE.test(path)) response.setHeader("Cache-Control", caching);
}

/** Answers of the API are data, never a page. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

function pagePolicy(nonce: string, dev: boolean): string {
  return [
    "default-src 'self'",
    // The scripts with the nonce, and those that they load.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ""}`,
    "script-src-attr 'none'",
    // Mantine and Recharts place elements by style attributes, which no nonce can allow.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}
