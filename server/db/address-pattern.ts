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

/** A regular expression of PostgreSQL for IPv4 addresses. Matching it takes a tenth of the time of ADDRESS_PATTERN. */
export const IPV4_PATTERN = `^${IPV4}$`;

/** A regular expression of PostgreSQL for texts that are IP addresses. Others raise an error when cast to one. */
export const ADDRESS_PATTERN = `^(${IPV4}|${IPV6})$`;
