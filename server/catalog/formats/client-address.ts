import { isIP } from "./ip";

/** The client of a request, parsed from the client field of a server's log. */
export interface ClientAddress {
  /** Without port and zone. */
  readonly address: string;
  /** Additional parts of the address and the other members of a list, stored in `extra`. */
  readonly extra?: ClientExtra;
}

export interface ClientExtra {
  client_port?: string;
  /** The zone of a link-local IPv6 address, as in `fe80::1%eth0`. */
  client_zone?: string;
  /** The other members of a list in their order, usually proxies. */
  forwarded_for?: string[];
  /** `unix:`, logged by nginx for a client of a UNIX socket. */
  client?: string;
}

/** Maximum length of an address with a zone and a port. */
const MAX_LENGTH = 100;
const MAX_MEMBERS = 100;

/**
 * Parses a client address as logged by web servers and proxies: an address, `address:port`, `[address]:port` or
 * `address%zone`, optionally in quotes; a list as in X-Forwarded-For, whose first valid address is the client; `unix:`
 * for a client of a UNIX socket, which is the local machine (127.0.0.1). Undefined if there is no address: `unknown`,
 * `-`, a host name.
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

/** Parses one member of a list; undefined if it is not an address. */
function readOne(text: string): ClientAddress | undefined {
  if (text.length > MAX_LENGTH) return undefined;
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
