import { parseIp, unmapped } from "@/server/lib/ip";
import type { Config } from "@/server/process/config";

/** Formats the first administrator's credentials, which are shown once. A configured password is not repeated. */
export function describeSignIn(signIn: { email: string; password: string }, config: Config): string {
  const password = config.adminPassword ? "the one in ADMIN_PASSWORD" : `${signIn.password}   (shown only once)`;
  return `\n  The first administrator\n    email     ${signIn.email}\n    password  ${password}\n\n`;
}

/**
 * Returns a warning about missing settings if the port is reachable from other machines. Empty on loopback, and if both
 * a secret and a password are configured.
 */
export function exposureWarning({ host, appSecret, adminPassword, appUrl }: Config): string {
  if (isLoopback(host)) return "";
  const missing = [
    ...(appSecret
      ? []
      : [
          "    APP_SECRET is not set: the one generated in DATA_DIR is used. Processes on other machines need the same one.",
        ]),
    ...(adminPassword ? [] : ["    ADMIN_PASSWORD is not set: the first administrator's password is in this output."]),
  ];
  if (missing.length === 0) return "";
  const plain = appUrl.startsWith("http:")
    ? ["    APP_URL is http: passwords and cookies are sent unencrypted. Use a TLS proxy."]
    : [];
  const lines = [`  WARNING: HOST is ${host}, so other machines can connect.`, ...missing, ...plain];
  return `\n${"!".repeat(78)}\n${lines.join("\n")}\n${"!".repeat(78)}\n`;
}

function isLoopback(host: string): boolean {
  const address = parseIp(host);
  return address ? unmapped(address).range() === "loopback" : host === "localhost";
}
