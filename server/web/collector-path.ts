import type { IncomingMessage } from "node:http";

const COLLECT = "/api/collect/";

/**
 * Removes repeated and final slashes from the path of a collector's request. Collectors append paths such as `/_bulk`
 * and `/` to their URL, and do not follow Next.js's redirect to the path without them.
 */
export function tidyCollectorPath(request: IncomingMessage): void {
  const url = request.url ?? "";
  if (!url.replace(/^\/+/, "/").startsWith(COLLECT)) return;
  const [path = "", ...query] = url.split("?");
  const tidy = path.replace(/\/{2,}/g, "/").replace(/\/$/, "");
  request.url = query.length === 0 ? tidy : `${tidy}?${query.join("?")}`;
}
