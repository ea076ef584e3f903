import { z } from "zod";
import type { Locale } from "@/messages/locales";
import { noteChange } from "@/server/cache";
import type { ErrorKind } from "@/server/catalog/errors";
import { AppError } from "@/server/lib/errors";
import { parseWith } from "@/server/lib/parse";
import { type Context, type Principal, principalKey } from "@/server/process/context";
import { authenticate, type Permission, requirePermission, requireSameOrigin } from "@/server/services/accounts";
import { type AuditAction, recordRefusal } from "@/server/services/audit";
import { countRequest, type Limited } from "@/server/services/rate-limits";
import { readJson, readJsonIfAny } from "./body";
import { localeOf } from "./locale";
import { queryValues, readTexts } from "./query-values";

/** A request on its way to an endpoint. */
interface Call {
  readonly ctx: Context;
  readonly request: Request;
  /** The folders in brackets, as the URL gave them. */
  readonly params: unknown;
}

/** Answers a call with a Response, or with a value that becomes a 200 of JSON. */
export interface Endpoint {
  (call: Call): Promise<Response | object>;
  /** What OpenAPI is made from. */
  readonly description?: EndpointDescription;
}

/** No parameters: any that comes is refused. */
export const none = z.strictObject({});
/** A body that is not there, or that the endpoint streams by itself. */
export const unread = z.undefined();
/** A change that needs no body: one without fields may come. */
export const noBody = none.optional();

/** The schema of the answer with each status; one with a media type of its own is `z.file().mime(type)`. */
type Answers<R> = Readonly<Record<number, z.ZodType<R>>>;

/** The schema of a body in each media type that is taken. */
export type Content = Readonly<Record<string, z.ZodType>>;

/** What an endpoint says of itself; the document at /openapi.json is made from it. */
interface EndpointSpec<P, Q, B, R> {
  /** What it does, in one imperative sentence. */
  readonly summary: string;
  readonly permission: Permission;
  /** Requests of its kind are counted, and too many in a minute refused. */
  readonly limit?: Limited;
  /** What it does: recorded with the reason when it is refused or fails. What is done records itself. */
  readonly audit?: AuditAction;
  readonly params: z.ZodType<P>;
  /** Its numbers and booleans are read from their text. */
  readonly query: z.ZodType<Q> | ((params: P) => z.ZodType<Q>);
  readonly body: z.ZodType<B>;
  /** Of a body that the endpoint streams by itself. */
  readonly streams?: (params: P) => Content;
  readonly answers: Answers<R> | ((params: P) => Answers<R>);
  /** What it refuses with besides what every endpoint of its kind does. */
  readonly errors?: readonly ErrorKind[];
  readonly handle: (asked: {
    readonly ctx: Context;
    readonly request: Request;
    readonly principal: Principal;
    /** That the caller asks for. */
    readonly locale: Locale;
    readonly params: P;
    readonly query: Q;
    readonly body: B;
  }) => Promise<Response | R>;
}

/** An endpoint's schemas. Those that depend on the path are made for one path, by its parameters as the URL has them. */
export interface EndpointDescription {
  readonly summary: string;
  readonly permission: Permission;
  readonly audit: AuditAction | undefined;
  readonly params: z.ZodType;
  readonly errors: readonly ErrorKind[];
  /** Whether one path's schemas differ from another's. */
  readonly variesByPath: boolean;
  query(params: unknown): z.ZodType;
  /** Null where there is no body. */
  content(params: unknown): Content | null;
  answers(params: unknown): Answers<unknown>;
}

/**
 * An endpoint for who is signed in and has the permission. In this order it refuses: nobody (401), a
 * role too low or a cookie-borne change from another site (403), too many requests (429), path parameters that fit nothing (404),
 * a query parameter that is unknown, repeated or out of range (422), a body that is not JSON of `body`
 * (415, 413, 400, 422).
 */
export function endpoint<P, Q, B, R extends object>(spec: EndpointSpec<P, Q, B, R>): Endpoint {
  const isUnread: boolean = Object.is(spec.body, unread);
  const isBare: boolean = Object.is(spec.body, noBody);
  const read = isBare ? readJsonIfAny : readJson;
  const queryOf = (params: P) => (typeof spec.query === "function" ? spec.query(params) : spec.query);

  const answer = async ({ ctx, request, params: given }: Call) => {
    const principal = await authenticate(ctx, request.headers);
    const isChange = request.method !== "GET" && request.method !== "HEAD";
    // As it came, until it is parsed.
    let input: unknown = Object.assign({}, given, Object.fromEntries(new URL(request.url).searchParams));
    try {
      requirePermission(principal, spec.permission);
      if (isChange) requireSameOrigin(ctx.config, principal, request.headers);
      if (spec.limit) await countRequest(ctx, spec.limit, principal, request.headers);
      const params = spec.params.safeParse(readTexts(spec.params, given));
      if (!params.success) throw new AppError("request.unknown_path", {});
      const querySchema = queryOf(params.data);
      const query = parseWith(querySchema, readTexts(querySchema, queryValues(new URL(request.url))));
      const body = parseWith(spec.body, isUnread ? undefined : await read(request));
      input = Object.assign({}, params.data, query, body);
      try {
        return await spec.handle({
          ctx,
          request,
          principal,
          locale: localeOf(request),
          params: params.data,
          query,
          body,
        });
      } finally {
        // Of one that failed too: a part may be done.
        if (isChange) await noteChange(ctx, principalKey(principal));
      }
    } catch (error) {
      if (principal && spec.audit) await recordRefusal(ctx, principal, spec.audit, input, error);
      throw error;
    }
  };

  return Object.assign(answer, { description: describe(spec, isUnread || isBare) });
}

function describe<P, Q, B, R>(spec: EndpointSpec<P, Q, B, R>, hasNoJson: boolean): EndpointDescription {
  const { summary, permission, audit, params, query, body, streams, answers, errors = [] } = spec;
  return {
    summary,
    permission,
    audit,
    params,
    errors,
    variesByPath: typeof query === "function" || streams !== undefined || typeof answers === "function",
    query: (given) => (typeof query === "function" ? query(params.parse(given)) : query),
    content: (given) => (hasNoJson ? (streams?.(params.parse(given)) ?? null) : { "application/json": body }),
    answers: (given) => (typeof answers === "function" ? answers(params.parse(given)) : answers),
  };
}
