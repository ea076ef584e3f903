import { localeOf, route, withAdviceText } from "@/server/rest";
import { authenticate } from "@/server/services/accounts";
import { sharedHealth } from "@/server/services/health";
import { healthAnswer } from "@/server/services/health/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/api/health", {
  GET: async ({ ctx, request }) => {
    const { status, parts } = await sharedHealth(ctx);
    const isReady = status === "ready";
    const principal = status === "not_ready" ? null : await authenticate(ctx, request.headers);
    const locale = localeOf(request);
    const texts = Object.entries(parts).map(([name, part]) => [name, withAdviceText(part, locale)]);
    const answer = principal ? healthAnswer.parse({ status, parts: Object.fromEntries(texts) }) : { status };
    return Response.json(answer, {
      status: isReady ? 200 : 503,
      headers: { "Cache-Control": "no-store", ...(isReady ? {} : { "Retry-After": "5" }) },
    });
  },
});
