import type { ServerResponse } from "node:http";
import { LENGTH_HEADER } from "@/server/rest/length-header";

/**
 * Sets the Content-Length that the route passed in LENGTH_HEADER. Next.js removes the real header from route responses,
 * and without it a download has no progress and its completeness cannot be checked.
 */
export function setFileLength(response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response);
  response.writeHead = (...args: [never]) => {
    const length = response.getHeader(LENGTH_HEADER);
    response.removeHeader(LENGTH_HEADER);
    if (length !== undefined && !response.hasHeader("Content-Encoding")) response.setHeader("Content-Length", length);
    return writeHead(...args);
  };
}
