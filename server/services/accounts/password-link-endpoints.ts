import type { BetterAuthPlugin } from "better-auth";
import { createAuthEndpoint, formCsrfMiddleware } from "better-auth/api";
import type { Context } from "@/server/process/context";
import { orApiError } from "./api-error";
import { passwordLinkKey } from "./contract";
import { readPasswordLink, usePasswordLink } from "./password-links";
import { requestOrigin } from "./request-origin";

/**
 * Endpoints of the password-link page, which needs no session. They are better-auth endpoints so that the limits of
 * sign-in apply.
 */
export const passwordLinkPlugin = (ctx: Context) =>
  ({
    id: "password-link",
    endpoints: {
      lookAtPasswordLink: createAuthEndpoint(
        "/password-link/look",
        { method: "POST", use: [formCsrfMiddleware], body: passwordLinkKey },
        async (request) =>
          request.json(
            await orApiError(() => readPasswordLink(ctx, request.body.token, requestOrigin(headersOf(request)))),
          ),
      ),
      usePasswordLink: createAuthEndpoint(
        "/password-link/use",
        { method: "POST", use: [formCsrfMiddleware], body: passwordLinkKey.loose() },
        async (request) =>
          request.json(await orApiError(() => usePasswordLink(ctx, request.body, requestOrigin(headersOf(request))))),
      ),
    },
  }) satisfies BetterAuthPlugin;

function headersOf({ headers }: { readonly headers?: Headers }): Headers {
  return headers ?? new Headers();
}
