import { route } from "@/server/rest";
import { authenticate, requirePermission } from "@/server/services/accounts";
import { prometheusText } from "@/server/services/prometheus";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/api/metrics", {
  GET: async ({ ctx, request }) => {
    requirePermission(await authenticate(ctx, request.headers), "read");
    const { text, contentType } = await prometheusText(ctx);
    return new Response(text, { headers: { "Content-Type": contentType, "Cache-Control": "no-store" } });
  },
});
