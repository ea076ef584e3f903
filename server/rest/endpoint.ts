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

/** A request and its path parameters. */
interface Call {
  readonly ctx: Context;
  readonly request: Request;
  /** The parameters from the folders in brackets, as they are in the URL. */
  readonly params: unknown;
}

/** Answers a call with a Response, or with a value that becomes a 200 of JSON. */
export interface Endpoint {
  (call: Call): Promise<Response | object>;
  /** The description for the OpenAPI document. */
  readonly description?: EndpointDescription;
}

/** No parameters: any parameter is rejected. */
export const none = z.strictObject({});
/** No body, or a body that the endpoint reads as a stream. */
export const unread = z.undefined();
/** The body of a change without parameters: empty, or an object without fields. */
export const noBody = none.optional();

/** The schema of the response for each status. The schema of another media type than JSON is `z.file().mime(type)`. */
type Answers<R> = Readonly<Record<number, z.ZodType<R>>>;

/** The schema of the body for each accepted media type. */
export type Content = Readonly<Record<string, z.ZodType>>;

/** The specification of an endpoint, from which the document at /openapi.json is also created. */
interface EndpointSpec<P, Q, B, R> {
  /** A description of the endpoint in one imperative sentence. */
  readonly summary: string;
  readonly permission: Permission;
  /** Identifies the caller; by default by API key or session. */
  readonly authenticate?: typeof authenticate;
  /** The rate limit that requests count towards. */
  readonly limit?: Limited;
  /** The audited action. Refusals and failures are recorded here; the service records successful actions. */
  readonly audit?: AuditAction;
  readonly params: z.ZodType<P>;
  /** Numbers and booleans in the query string are converted to their types. */
  readonly query: z.ZodType<Q> | ((params: P) => z.ZodType<Q>);
  readonly body: z.ZodType<B>;
  /** Returns the schemas of a body that the endpoint reads as a stream. */
  readonly streams?: (params: P) => Content;
  readonly answers: Answers<R> | ((params: P) => Answers<R>);
  /** The kinds of errors besides those of every endpoint. */
  readonly errors?: readonly ErrorKind[];
  /** The schema of errors, for protocols that have their own. */
  readonly problem?: z.ZodType;
  readonly handle: (input: {
    readonly ctx: Context;
    readonly request: Request;
    readonly principal: Principal;
    /** The language of the response. */
    readonly locale: Locale;
    readonly params: P;
    readonly query: Q;
    readonly body: B;
  }) => Promise<Response | R>;
}

/** An endpoint's schemas. Functions take the path parameters as they are in the URL. */
export interface EndpointDescription {
  readonly summary: string;
  readonly permission: Permission;
  readonly audit: AuditAction | undefined;
  readonly params: z.ZodType;
  readonly errors: readonly ErrorKind[];
  /** The schema of errors; undefined for problem+json. */
  readonly problem: z.ZodType | undefined;
  /** Whether the schemas depend on the path parameters. */
  readonly variesByPath: boolean;
  query(params: unknown): z.ZodType;
  /** Returns null if the endpoint has no body. */
  content(params: unknown): Content | null;
  answers(params: unknown): Answers<unknown>;
}

/**
 * Creates an endpoint for authenticated callers with the permission. Requests are checked in this order: authentication
 * (401); role, and origin of a change authenticated by cookie (403); rate limit (429); path parameters (404); unknown,
 * repeated or invalid query parameters (422); the JSON body (415, 413, 400, 422).
 */
export function endpoint<P, Q, B, R extends object>(spec: EndpointSpec<P, Q, B, R>): Endpoint {
  const isUnread: boolean = Object.is(spec.body, unread);
  const isBare: boolean = Object.is(spec.body, noBody);
  const read = isBare ? readJsonIfAny : readJson;
  const queryOf = (params: P) => (typeof spec.query === "function" ? spec.query(params) : spec.query);

  const answer = async ({ ctx, request, params: given }: Call) => {
    const principal = await (spec.authenticate ?? authenticate)(ctx, request.headers);
    const isChange = request.method !== "GET" && request.method !== "HEAD";
    // The unparsed input, for the audit entry of a request that is refused before it is parsed.
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
        // After a failure too, because a part may have been changed.
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
  const { summary, permission, audit, params, query, body, streams, answers, errors = [], problem } = spec;
  return {
    summary,
    permission,
    audit,
    params,
    errors,
    problem,
    variesByPath:
      typeof query === "function" || (streams !== undefined && streams.length > 0) || typeof answers === "function",
    query: (given) => (typeof query === "function" ? query(params.parse(given)) : query),
    content: (given) => (hasNoJson ? (streams?.(params.parse(given)) ?? null) : { "application/json": body }),
    answers: (given) => (typeof answers === "function" ? answers(params.parse(given)) : answers),
  };
}
