import postgres from "postgres";
import { TLS_PARAMETERS, tlsOf } from "./tls";

type ClientOptions = postgres.Options<Record<string, postgres.PostgresType>>;

/** Parameters of a URL that are options of postgres.js. All others are settings of PostgreSQL. */
const DRIVER_PARAMETERS: ReadonlySet<string> = new Set(["prepare", "ssl", "sslnegotiation", "target_session_attrs"]);

/** Returns the decoded name of the database in a URL. postgres.js would send it without decoding. */
export function databaseOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}

/** Opens a client, with the TLS parameters of the URL as in libpq, which postgres.js does not support. */
export function openClient(url: string, options: ClientOptions): postgres.Sql {
  const ssl = tlsOf(url);
  return postgres(
    withoutParameters(url, (name) => TLS_PARAMETERS.has(name)),
    {
      ...options,
      ...(ssl !== undefined && { ssl }),
      database: databaseOf(url),
    },
  );
}

/**
 * Separates the settings in a URL, `?search_path=logs` or `?options=-csearch_path%3Dlogs`, because a pooler refuses
 * them at the start of a connection.
 */
export function separateSettings(url: string): { readonly url: string; readonly settings: Record<string, string> } {
  const isSetting = (name: string) => !TLS_PARAMETERS.has(name) && !DRIVER_PARAMETERS.has(name);
  const { options = "", ...settings } = Object.fromEntries(
    [...new URL(url).searchParams].filter(([name]) => isSetting(name)),
  );
  for (const [, name = "", value = ""] of options.matchAll(/(?:^|\s)(?:-c\s*|--)([\w.-]+)=((?:\\.|\S)*)/g)) {
    settings[name.replaceAll("-", "_")] = value.replace(/\\(.)/g, "$1");
  }
  return { url: withoutParameters(url, isSetting), settings };
}

function withoutParameters(url: string, isRemoved: (name: string) => boolean): string {
  const parsed = new URL(url);
  const removed = [...parsed.searchParams.keys()].filter(isRemoved);
  if (removed.length === 0) return url;
  for (const name of removed) parsed.searchParams.delete(name);
  return parsed.href;
}
