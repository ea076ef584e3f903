import { type SQL, sql } from "drizzle-orm";
import ipaddr from "ipaddr.js";
import type { Column } from "@/server/catalog";
import { isIP } from "@/server/catalog/formats/ip";
import { addressBytesName } from "@/server/columnar";

/** Rows whose address is in a CIDR block, or equal to an address, in DuckDB's dialect. @param value a valid one */
export function columnarAddressCondition(column: Column, value: string): SQL {
  const [address = "", bits] = value.split("/");
  const bytes = bytesOf(address);
  const name = sql.identifier(addressBytesName(column));
  if (bits === undefined) {
    // The text, which PostgreSQL has formatted, has a Bloom filter.
    if (column.type === "inet" && bytes[0] === 4)
      return sql`${sql.identifier(column.name)} = ${bytes.slice(1).join(".")}`;
    // With = DuckDB 1.5.6 finds no rows in columns of BLOBs that have a Bloom filter.
    return sql`${name} between unhex(${hex(bytes)}) and unhex(${hex(bytes)})`;
  }
  const fixed = Number(bits);
  const bound = (rest: 0x00 | 0xff) =>
    hex(
      bytes.map((byte, index) => {
        const mask = 0xff & (0xff00 >> Math.min(8, Math.max(0, fixed - 8 * (index - 1))));
        return index === 0 ? byte : (byte & mask) | (rest & ~mask);
      }),
    );
  return sql`${name} between unhex(${bound(0x00)}) and unhex(${bound(0xff)})`;
}

/** The version and the bytes of an address. */
function bytesOf(address: string): number[] {
  // ipaddr.js would read numbers with a leading zero as octal.
  return isIP(address) === 4 ? [4, ...address.split(".").map(Number)] : [6, ...ipaddr.parse(address).toByteArray()];
}

function hex(bytes: readonly number[]): string {
  return Buffer.from(bytes).toString("hex");
}
