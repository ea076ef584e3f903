import { type SQL, sql } from "drizzle-orm";

const OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const IPV4 = `(${OCTET}\\.){3}${OCTET}`;
const GROUP = "[0-9a-fA-F]{1,4}";
const IPV6 = [
  `(${GROUP}:){7}${GROUP}`,
  ...[1, 2, 3, 4, 5, 6].map((before) => `(${GROUP}:){${before}}(:${GROUP}){1,${7 - before}}`),
  `(${GROUP}:){1,7}:`,
  `:(:${GROUP}){1,7}`,
  "::",
  `(${GROUP}:){6}${IPV4}`,
  ...[1, 2, 3, 4, 5].map((before) => `(${GROUP}:){${before}}(:${GROUP}){0,${5 - before}}:${IPV4}`),
  `:(:${GROUP}){0,5}:${IPV4}`,
].join("|");
const ADDRESS = `^(${IPV4}|${IPV6})$`;

/** Rows whose text is an address within a CIDR block. Other texts would raise an error when cast to an address. */
export function inBlock(text: SQL, block: string): SQL {
  return sql`case when ${text} ~ ${ADDRESS} then ${text}::inet <<= network(${block}::inet) end`;
}
