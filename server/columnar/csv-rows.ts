import type { BrowsedTable, Column } from "@/server/catalog";
import { ADDRESS_PATTERN, IPV4_PATTERN } from "@/server/db/address-pattern";
import { isAddress } from "./layout";

/**
 * The SELECT list of PostgreSQL for rows in the layout of Parquet files: the columns of the catalog, then the bytes of
 * each address in hexadecimal. Its CSV is the input of writeParquet.
 */
export function csvColumns({ columns }: Pick<BrowsedTable, "columns">): string {
  return [...columns.map(({ name }) => name), ...columns.filter(isAddress).map(addressBytes)].join(", ");
}

/** The number of columns of the CSV. */
export function csvColumnCount({ columns }: Pick<BrowsedTable, "columns">): number {
  return columns.length + columns.filter(isAddress).length;
}

/** COPY options of the CSV. */
export const CSV_FORMAT = "(format csv, encoding 'UTF8')";

function addressBytes({ name, type }: Column): string {
  if (type === "inet") return `case family(${name}) when 4 then '04' else '06' end || ${bytesOf(name)}`;
  return `case
    when ${name} ~ '${IPV4_PATTERN}' then '04' || ${bytesOf(`${name}::inet`)}
    when position(':' in ${name}) > 0 and ${name} ~ '${ADDRESS_PATTERN}' then '06' || ${bytesOf(`${name}::inet`)}
  end`;
}

/** inet_send returns four bytes about the address before its own. */
function bytesOf(address: string): string {
  return `encode(substring(inet_send(${address}) from 5), 'hex')`;
}
