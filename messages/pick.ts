type Group = Readonly<Record<string, unknown>>;

/** Returns the messages of the paths, such as `nav` or `cleanup.jobs`. */
export function pickMessages(messages: Group, paths: readonly string[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const path of paths) {
    const [namespace = "", part] = path.split(".");
    const own = groupOf(messages[namespace]);
    picked[namespace] = part === undefined ? own : { ...groupOf(picked[namespace]), [part]: own[part] };
  }
  return picked;
}

/** Returns both, where `added` may have other parts of the same namespaces. */
export function mergeMessages(messages: Group, added: Group): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...messages };
  for (const [namespace, own] of Object.entries(added)) {
    merged[namespace] = { ...groupOf(messages[namespace]), ...groupOf(own) };
  }
  return merged;
}

function groupOf(value: unknown): Group {
  return typeof value === "object" && value !== null ? (value as Group) : {};
}
