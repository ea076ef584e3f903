import { readFileSync } from "node:fs";
import { type ConnectionOptions, checkServerIdentity, createSecureContext } from "node:tls";

/** The parameters of a database URL that concern TLS, as in libpq. */
export const TLS_PARAMETERS: ReadonlySet<string> = new Set([
  "sslmode",
  "sslrootcert",
  "sslcert",
  "sslkey",
  "sslpassword",
]);

const SSL_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
const FILES = { sslrootcert: "ca", sslcert: "cert", sslkey: "key" } as const;
/** Stands for the certificate authorities of Node.js, to which NODE_EXTRA_CA_CERTS adds. */
const SYSTEM = "system";

/** Returns the requirement that the TLS parameters of a database URL violate; undefined if they are valid. */
export function tlsProblem(url: URL): string | undefined {
  const { searchParams } = url;
  if (!searchParams.getAll("sslmode").every((mode) => SSL_MODES.includes(mode))) {
    return `a URL whose sslmode is one of ${SSL_MODES.join(", ")}`;
  }
  const mode = searchParams.get("sslmode") ?? "disable";
  const [first] = [...searchParams.keys()].filter((name) => name !== "sslmode" && TLS_PARAMETERS.has(name));
  if (first && ["disable", "allow", "prefer"].includes(mode)) {
    return `a URL with ${first} only where sslmode is require, verify-ca or verify-full`;
  }
  if (searchParams.has("sslcert") !== searchParams.has("sslkey")) return "a URL with both sslcert and sslkey";
  if (searchParams.get("sslrootcert") === SYSTEM && mode !== "verify-full") {
    return "a URL with sslrootcert=system only where sslmode is verify-full";
  }
  for (const name of Object.keys(FILES)) {
    const file = searchParams.get(name);
    if (file !== null && file !== SYSTEM && !isPem(file)) return `a URL whose ${name} is a readable file in PEM format`;
  }
  return isUsable(url) ? undefined : "a URL whose sslcert, sslkey and sslpassword belong together";
}

function isUsable({ searchParams }: URL): boolean {
  try {
    createSecureContext(credentialsOf(searchParams));
    return true;
  } catch {
    return false;
  }
}

function isPem(file: string): boolean {
  try {
    return readFileSync(file, "utf8").includes("-----BEGIN ");
  } catch {
    return false;
  }
}

/**
 * Returns the value of postgres.js's option `ssl` for a valid database URL, or undefined to leave the URL's parameters
 * to it. Differs from libpq in two defaults: without sslmode, TLS is not used; without sslrootcert, verify-ca and
 * verify-full trust the authorities of Node.js instead of ~/.postgresql/root.crt.
 */
export function tlsOf(url: string): false | "prefer" | ConnectionOptions | undefined {
  const { hostname, searchParams } = new URL(url);
  const mode = searchParams.get("sslmode");
  if (mode === null) return undefined;
  // As in libpq, TLS is not used on sockets of the file system.
  if (mode === "disable" || hostname === "" || hostname.startsWith("%2F")) return false;
  if (mode === "allow" || mode === "prefer") return "prefer";
  return {
    ...credentialsOf(searchParams),
    // As in libpq, require verifies the authority if there is one.
    rejectUnauthorized: mode !== "require" || searchParams.has("sslrootcert"),
    checkServerIdentity: (name, certificate) => {
      if (mode !== "verify-full") return undefined;
      // Node.js passes "localhost" if the host is an IP address.
      const host = hostname.includes(",") ? name : hostname.replace(/^\[|\]$/g, "");
      return checkServerIdentity(host, certificate);
    },
  };
}

function credentialsOf(parameters: URLSearchParams): Pick<ConnectionOptions, "ca" | "cert" | "key" | "passphrase"> {
  const files = Object.entries(FILES).flatMap(([name, option]) => {
    const file = parameters.get(name);
    return file === null || file === SYSTEM ? [] : [[option, readFileSync(file)]];
  });
  const passphrase = parameters.get("sslpassword");
  return { ...Object.fromEntries(files), ...(passphrase !== null && { passphrase }) };
}
