import type { ServerResponse } from "node:http";
import { LENGTH_HEADER } from "@/server/rest/length-header";

/**
 * Gives an answer the Content-Length that its route told in LENGTH_HEADER: Next.js takes the real one away from
 * every answer of a route, and a download without it has no progress and no end that can be checked.
 */
export function keepFileLength(response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response);
  response.writeHead = (...args: [never]) => {
    const length = response.getHeader(LENGTH_HEADER);
    response.removeHeader(LENGTH_HEADER);
    if (length !== undefined && !response.hasHeader("Content-Encoding")) response.setHeader("Content-Length", length);
    return writeHead(...args);
  };
}
