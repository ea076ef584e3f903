import { type SQL, sql } from "drizzle-orm";
import { ADDRESS_PATTERN } from "@/server/db/address-pattern";

/** Rows whose text is an address within a CIDR block. */
export function inBlock(text: SQL, block: string): SQL {
  return sql`case when ${text} ~ ${ADDRESS_PATTERN} then ${text}::inet <<= network(${block}::inet) end`;
}
