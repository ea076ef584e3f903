import { route } from "@/server/rest";
import { authenticate } from "@/server/services/accounts";
import { checkHealth } from "@/server/services/health";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/api/health", {
  GET: async ({ ctx, request }) => {
    const health = await checkHealth(ctx);
    const isReady = health.status === "ready";
    const principal = health.status === "not_ready" ? null : await authenticate(ctx, request.headers);
    return Response.json(principal ? health : { status: health.status }, {
      status: isReady ? 200 : 503,
      headers: { "Cache-Control": "no-store", ...(isReady ? {} : { "Retry-After": "5" }) },
    });
  },
});
