import { z } from "zod";
import type { Context, Principal } from "@/server/context";
import { AppError } from "@/server/errors";
import { authenticate, type Permission, requirePermission, requireSameOrigin } from "@/server/services/accounts";
import { readJson } from "./body";
import { parseWith, queryValues } from "./parse";

/** A request on its way to an endpoint. */
interface Call {
  readonly ctx: Context;
  readonly request: Request;
  /** The folders in brackets, as the URL gave them. */
  readonly params: unknown;
}

/** Answers a call with a Response, or with a value that becomes a 200 of JSON. */
export type Endpoint = (call: Call) => Promise<Response | object>;

/** No parameters: any that comes is refused. */
export const none = z.strictObject({});
/** A body that is not there, or that the endpoint streams by itself. */
export const unread = z.undefined();

/** What an endpoint says of itself; the schemas are what OpenAPI is made from. */
interface EndpointSpec<P, Q, B> {
  readonly permission: Permission;
  readonly params: z.ZodType<P>;
  readonly query: z.ZodType<Q> | ((ctx: Context, params: P) => z.ZodType<Q>);
  readonly body: z.ZodType<B>;
  readonly handle: (asked: {
    readonly ctx: Context;
    readonly request: Request;
    readonly principal: Principal;
    readonly params: P;
    readonly query: Q;
    readonly body: B;
  }) => Promise<Response | object>;
}

/**
 * An endpoint for who is signed in and has the permission. In this order it refuses: nobody (401), a
 * role too low or a cookie-borne change from another site (403), path parameters that fit nothing (404),
 * a query parameter that is unknown, repeated or out of range (422), a body that is not JSON of `body`
 * (415, 413, 400, 422).
 */
export function endpoint<P, Q, B>(spec: EndpointSpec<P, Q, B>): Endpoint {
  return async ({ ctx, request, params: given }) => {
    const principal = requirePermission(await authenticate(ctx, request.headers), spec.permission);
    if (request.method !== "GET" && request.method !== "HEAD") {
      requireSameOrigin(ctx.config, principal, request.headers);
    }
    const params = spec.params.safeParse(given);
    if (!params.success) throw new AppError("NOT_FOUND", "There is nothing at this path.");
    const querySchema = typeof spec.query === "function" ? spec.query(ctx, params.data) : spec.query;
    const query = parseWith(querySchema, queryValues(new URL(request.url)));
    const isUnread: boolean = Object.is(spec.body, unread);
    const body = parseWith(spec.body, isUnread ? undefined : await readJson(request));
    return spec.handle({ ctx, request, principal, params: params.data, query, body });
  };
}
