import { isIP } from "node:net";
import type { RequestOrigin } from "@/server/process/context";

const LONGEST_USER_AGENT = 500;

/** Where a request comes from, as the record of who did what tells it. */
export function requestOrigin(headers: Headers): RequestOrigin {
  // The HTTP server puts the client's address there, whatever came (server/web/http-server.ts).
  const [address = ""] = (headers.get("x-forwarded-for") ?? "").split("%");
  return {
    address: isIP(address) === 0 ? null : address,
    userAgent: headers.get("user-agent")?.slice(0, LONGEST_USER_AGENT) ?? null,
  };
}
