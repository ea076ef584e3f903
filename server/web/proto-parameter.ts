import type { IncomingMessage } from "node:http";

/**
 * Renames a query parameter `__proto__` to `__proto__[]`. Next.js copies the query to a plain object, which drops that
 * name, so the API would not reject it as unknown.
 */
export function renameProtoParameter(request: IncomingMessage): void {
  const [path = "", ...rest] = request.url?.split("?") ?? [];
  const query = rest.join("?");
  if (!/__|%/.test(query)) return;
  const parts = query.split("&").map((part) => {
    const [name = "", ...value] = part.split("=");
    return decoded(name) === "__proto__" ? ["__proto__[]", ...value].join("=") : part;
  });
  request.url = `${path}?${parts.join("&")}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
