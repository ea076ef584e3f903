import { AppError } from "@/server/lib/errors";
import { route } from "@/server/rest";
import { splunkAck, splunkEvents, splunkHealth, splunkRaw } from "@/server/rest/collect";

interface Routed {
  readonly params: Promise<{ readonly path?: readonly string[] }>;
}

const unknown = route("/api/collect/splunk/{path}", {
  GET: async () => {
    throw new AppError("request.unknown_path", {});
  },
  POST: async () => {
    throw new AppError("request.unknown_path", {});
  },
});

/** Some clients append the version of the interface, `/1.0`. */
const PATHS = new Map([
  ["services/collector", splunkEvents],
  ["services/collector/event", splunkEvents],
  ["services/collector/event/1.0", splunkEvents],
  ["services/collector/1.0", splunkEvents],
  ["services/collector/raw", splunkRaw],
  ["services/collector/raw/1.0", splunkRaw],
  ["services/collector/ack", splunkAck],
  ["services/collector/health", splunkHealth],
  ["services/collector/health/1.0", splunkHealth],
]);

async function handle(request: Request, routed: Routed): Promise<Response> {
  const { path = [] } = await routed.params;
  return await (PATHS.get(path.join("/")) ?? unknown).GET(request, routed);
}

export {
  handle as DELETE,
  handle as GET,
  handle as HEAD,
  handle as OPTIONS,
  handle as PATCH,
  handle as POST,
  handle as PUT,
};
