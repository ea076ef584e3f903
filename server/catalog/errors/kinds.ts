/** The status of each kind of error for tRPC and HTTP clients. */
export const ERROR_KINDS = {
  BAD_REQUEST: { http: 400, trpc: "BAD_REQUEST", title: "Bad request" },
  UNAUTHORIZED: { http: 401, trpc: "UNAUTHORIZED", title: "Not signed in" },
  FORBIDDEN: { http: 403, trpc: "FORBIDDEN", title: "Not allowed" },
  NOT_FOUND: { http: 404, trpc: "NOT_FOUND", title: "Not found" },
  METHOD_NOT_ALLOWED: { http: 405, trpc: "METHOD_NOT_SUPPORTED", title: "Method not allowed" },
  CONFLICT: { http: 409, trpc: "CONFLICT", title: "Conflict" },
  PRECONDITION_FAILED: { http: 412, trpc: "PRECONDITION_FAILED", title: "Precondition failed" },
  TOO_LARGE: { http: 413, trpc: "PAYLOAD_TOO_LARGE", title: "Too large" },
  UNSUPPORTED_MEDIA_TYPE: { http: 415, trpc: "UNSUPPORTED_MEDIA_TYPE", title: "Unsupported media type" },
  RANGE_NOT_SATISFIABLE: { http: 416, trpc: "BAD_REQUEST", title: "Range not satisfiable" },
  UNPROCESSABLE: { http: 422, trpc: "UNPROCESSABLE_CONTENT", title: "Value not accepted" },
  TOO_MANY_REQUESTS: { http: 429, trpc: "TOO_MANY_REQUESTS", title: "Too many requests" },
  INTERNAL: { http: 500, trpc: "INTERNAL_SERVER_ERROR", title: "Internal error" },
  UNAVAILABLE: { http: 503, trpc: "SERVICE_UNAVAILABLE", title: "Temporarily unavailable" },
} as const;

export type ErrorKind = keyof typeof ERROR_KINDS;
