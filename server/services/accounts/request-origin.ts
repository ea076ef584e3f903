import { parseIp } from "@/server/lib/ip";
import type { RequestOrigin } from "@/server/process/context";

const MAX_USER_AGENT_LENGTH = 500;

/** The origin of a request, as recorded in the audit log. */
export function requestOrigin(headers: Headers): RequestOrigin {
  // Set by the HTTP server to the client's address, overwriting any received value (server/web/http-server.ts).
  const address = parseIp(headers.get("x-forwarded-for") ?? "");
  return {
    address: address?.toString() ?? null,
    userAgent: headers.get("user-agent")?.slice(0, MAX_USER_AGENT_LENGTH) ?? null,
  };
}
