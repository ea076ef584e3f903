import { BlockList, isIP } from "node:net";
import type { Config } from "@/server/process/config";

/** The first administrator's sign-in, to show once; a password that the user chose is not repeated. */
export function describeSignIn(signIn: { email: string; password: string }, config: Config): string {
  const password = config.adminPassword ? "the one in ADMIN_PASSWORD" : `${signIn.password}   (shown this once)`;
  return `\n  The first administrator\n    e-mail    ${signIn.email}\n    password  ${password}\n\n`;
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addAddress("::1", "ipv6");

/**
 * Says loudly what is missing where others can reach the port: nothing on loopback, and nothing where both a secret
 * and a password are set.
 */
export function warnOfOpenDoor({ host, appSecret, adminPassword, appUrl }: Config): string {
  if (isLoopback(host)) return "";
  const missing = [
    ...(appSecret
      ? []
      : ["    APP_SECRET is not set: the one made in DATA_DIR is used. Processes elsewhere need the same."]),
    ...(adminPassword ? [] : ["    ADMIN_PASSWORD is not set: the first administrator's is in this output."]),
  ];
  if (missing.length === 0) return "";
  const plain = appUrl.startsWith("http:")
    ? ["    APP_URL is http: passwords and cookies cross the network readable. Put TLS in front."]
    : [];
  const lines = [`  WARNING: HOST is ${host}, so other machines can reach this.`, ...missing, ...plain];
  return `\n${"!".repeat(78)}\n${lines.join("\n")}\n${"!".repeat(78)}\n`;
}

function isLoopback(host: string): boolean {
  const version = isIP(host);
  if (version === 0) return host === "localhost";
  return loopback.check(host, version === 4 ? "ipv4" : "ipv6");
}
