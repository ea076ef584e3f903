import type { IncomingMessage, ServerResponse } from "node:http";

const COLLECT = "/api/collect/";
const ELASTICSEARCH = "/api/collect/elasticsearch";

/** Adapts the requests and responses of collectors to their clients. */
export function prepareCollector(request: IncomingMessage, response: ServerResponse): void {
  const url = request.url ?? "";
  if (!url.replace(/^\/+/, "/").startsWith(COLLECT)) return;
  request.url = tidyPath(url);
  if (request.url.startsWith(ELASTICSEARCH) && request.headers["user-agent"] === undefined) {
    breakRefusals(request, response);
  }
}

/**
 * Removes repeated and final slashes. Collectors append paths such as `/_bulk` and `/` to their URL, and do not follow
 * Next.js's redirect to the path without them.
 */
function tidyPath(url: string): string {
  const [path = "", ...query] = url.split("?");
  const tidy = path.replace(/\/{2,}/g, "/").replace(/\/$/, "");
  return query.length === 0 ? tidy : `${tidy}?${query.join("?")}`;
}

/**
 * Closes the connection instead of a response that asks the client to try again or to sign in. rsyslog's
 * omelasticsearch, the only client without a User-Agent, ignores the status and would discard the events; after a
 * broken connection it sends them again.
 */
function breakRefusals(request: IncomingMessage, response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response);
  response.writeHead = (...args: [never]) => {
    const given: unknown = args[0];
    const status = typeof given === "number" ? given : response.statusCode;
    if ([401, 403, 429].includes(status) || status >= 500) request.socket.destroy();
    return writeHead(...args);
  };
}
