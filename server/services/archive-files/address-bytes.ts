import type { BrowsedTable, Column } from "@/server/catalog";
import { isAddress } from "@/server/columnar";
import { ADDRESS_PATTERN } from "@/server/db/address-pattern";
import { parseIp } from "@/server/lib/ip";
import type { Row } from "@/server/services/intake";
import { formatCsvRecord } from "./archive-csv";

const ADDRESS = new RegExp(ADDRESS_PATTERN);

/** Formats rows of a table as PostgreSQL does for writeParquet: with the bytes of each address. */
export function csvOfRows({ columns }: BrowsedTable, rows: readonly Row[]): string {
  const addresses = columns.flatMap((column, index) => (isAddress(column) ? [{ column, index }] : []));
  return rows
    .map((row) => {
      const bytes = addresses.map(({ column, index }) => addressBytes(column, row[index] ?? null));
      return formatCsvRecord([...row, ...bytes]);
    })
    .join("");
}

/** The version and the bytes of an address in hexadecimal; null for other text. */
function addressBytes({ type }: Column, text: string | null): string | null {
  if (text === null || (type !== "inet" && !ADDRESS.test(text))) return null;
  const address = parseIp(text.replace(/\/.*$/, ""));
  if (!address) throw new Error(`Not an address: ${text}`);
  const version = address.kind() === "ipv4" ? "04" : "06";
  return `${version}${Buffer.from(address.toByteArray()).toString("hex")}`;
}
