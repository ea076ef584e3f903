import { isIP } from "./ip";

/** Who sent a request, by what a server wrote in the place of the client's address. */
export interface ClientAddress {
  /** Without port and zone. */
  readonly address: string;
  /** What the address had beside it, and the other members of a list: kept in `extra`. */
  readonly extra?: ClientExtra;
}

export interface ClientExtra {
  client_port?: string;
  /** The zone of a link-local IPv6 address, as in `fe80::1%eth0`. */
  client_zone?: string;
  /** The other members of a list, in its order: proxies, mostly. */
  forwarded_for?: string[];
  /** `unix:`, which nginx writes for a client of a UNIX socket. */
  client?: string;
}

/** Longest text of one address with a zone and a port. */
const LONGEST = 100;
const MAX_MEMBERS = 100;

/**
 * Reads the client's address as web servers and proxies write it: an address, `address:port`, `[address]:port`,
 * `address%zone`, in quotes or not; a list as in X-Forwarded-For, of which the first valid address is the client;
 * `unix:` for a client of a UNIX socket, which is the machine itself (127.0.0.1). Undefined where there is no address:
 * `unknown`, `-`, a host name.
 */
export function readClientAddress(text: string): ClientAddress | undefined {
  if (isIP(text) !== 0 && !text.includes("%")) return { address: text };
  const members = text
    .split(/[\s,]+/, MAX_MEMBERS)
    .map((member) => member.replaceAll('"', ""))
    .filter((member) => member !== "");
  const clientAt = members.findIndex((member) => readOne(member) !== undefined);
  const found = readOne(members[clientAt] ?? "");
  if (!found) return members.includes("unix:") ? { address: "127.0.0.1", extra: { client: "unix:" } } : undefined;
  const others = members.filter((_, index) => index !== clientAt);
  return others.length === 0 ? found : { ...found, extra: { ...found.extra, forwarded_for: others } };
}

/** One member of a list, or undefined where it is no address. */
function readOne(text: string): ClientAddress | undefined {
  if (text.length > LONGEST) return undefined;
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text);
  if (bracketed) return withZone(bracketed[1] ?? "", bracketed[2]);
  const v4 = /^([\d.]+):(\d{1,5})$/.exec(text);
  return v4 ? withZone(v4[1] ?? "", v4[2]) : withZone(text, undefined);
}

function withZone(text: string, port: string | undefined): ClientAddress | undefined {
  const [address = "", zone] = text.split("%", 2);
  const version = isIP(address);
  if (version === 0 || (zone !== undefined && version === 4)) return undefined;
  if (port === undefined && !zone) return { address };
  return { address, extra: { ...(port !== undefined && { client_port: port }), ...(zone && { client_zone: zone }) } };
}
