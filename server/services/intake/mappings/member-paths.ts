import { isObject } from "./pairs";

const MAX_PATHS = 200;
const MAX_DEPTH = 6;
const PLAIN = /^[^,:="'.|]+$/;

/** The paths of the members of events, as in pairs: `request.remote_ip`, in order of appearance. */
export function memberPaths(events: readonly unknown[]): string[] {
  const paths = new Set<string>();
  const visit = (value: unknown, names: readonly string[]) => {
    if (paths.size >= MAX_PATHS) return;
    const members = isObject(value)
      ? Object.entries(value)
      : Array.isArray(value)
        ? Object.entries(value.slice(0, 1))
        : [];
    if (members.length === 0 || names.length >= MAX_DEPTH) {
      if (names.length > 0) paths.add(names.map((name) => (PLAIN.test(name) ? name : `"${name}"`)).join("."));
      return;
    }
    for (const [name, member] of members) if (!name.includes('"')) visit(member, [...names, name]);
  };
  for (const event of events) visit(event, []);
  return [...paths];
}
