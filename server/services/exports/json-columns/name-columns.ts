import type { ExportColumn } from "../columns";
import type { FoundMember } from "./find-members";
import { fieldOf } from "./members";

/** PostgreSQL truncates longer names. */
const MAX_NAME_BYTES = 63;

/**
 * Names members after their keys, such as `amount` or `order.amount`; after their fields, such as `details.amount`, if
 * the name is taken; and with a number if that is taken too. Names differ in more than case, which databases ignore.
 * @param taken the names that are not available, such as those and the labels of other columns
 */
export function nameColumns(members: readonly FoundMember[], taken: Iterable<string>): ExportColumn[] {
  // Objects ignore a value with this key.
  const used = new Set([...taken, "__proto__", ""].map(foldCase));
  return members.map(({ member, type }) => {
    const name = firstFree(member.path.join("."), fieldOf(member), used);
    used.add(foldCase(name));
    return { name, kind: type, member };
  });
}

const foldCase = (name: string) => name.toLowerCase();

function firstFree(short: string, long: string, used: ReadonlySet<string>): string {
  for (const name of [short, long].map((wanted) => shorten(wanted, MAX_NAME_BYTES))) {
    if (!used.has(foldCase(name))) return name;
  }
  for (let count = 2; ; count++) {
    const suffix = ` (${count})`;
    const name = shorten(long, MAX_NAME_BYTES - suffix.length) + suffix;
    if (!used.has(foldCase(name))) return name;
  }
}

function shorten(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const start = Buffer.from(text).subarray(0, bytes).toString();
  // The last character may have been cut.
  return start.replace(/\uFFFD$/, "");
}
