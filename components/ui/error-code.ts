import { TRPCClientError } from "@trpc/client";
import type { CodedError, FieldError, Refusal } from "@/server/catalog/errors";

/** The kind of a failed call. `REFUSED`: the server returned a coded error, which is shown. */
export type ProblemCode =
  | "UNAUTHORIZED"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "UNAVAILABLE"
  | "TOO_MANY_REQUESTS"
  | "NETWORK"
  | "INTERNAL"
  | "REFUSED";

const BY_STATUS: Readonly<Record<number, ProblemCode>> = {
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  429: "TOO_MANY_REQUESTS",
  502: "NETWORK",
  503: "UNAVAILABLE",
  504: "NETWORK",
};

/** Returns the problem for an HTTP status of 400 and above. */
export function codeOfStatus(status: number): ProblemCode {
  return BY_STATUS[status] ?? (status >= 500 ? "INTERNAL" : "REFUSED");
}

/** Returns the problem of a failed tRPC call; NETWORK if there was no response. */
export function errorCode(error: unknown): ProblemCode {
  if (!(error instanceof TRPCClientError)) return "INTERNAL";
  const data: unknown = error.data;
  if (typeof data !== "object" || data === null || !("httpStatus" in data)) return "NETWORK";
  return typeof data.httpStatus === "number" ? codeOfStatus(data.httpStatus) : "INTERNAL";
}

/** Returns whether a repeated call would be refused again. A call that timed out may succeed later. */
export function isPermanentRefusal(error: unknown): boolean {
  if (!(error instanceof TRPCClientError) || errorCode(error) !== "REFUSED") return false;
  return refusalOf(error)?.code !== "query.timeout";
}

/** Returns the server's error of a failed tRPC call; null if there was no response. */
export function refusalOf(error: unknown): Refusal | null {
  return error instanceof TRPCClientError && isErrorData(error.data)
    ? { ...error.data.error, errors: error.data.errors }
    : null;
}

/** Returns the ID of the job that conflicts with a call, if that is why the call was refused. */
export function conflictingJobOf(error: unknown): string | null {
  const refusal = refusalOf(error);
  return refusal?.code === "job.busy" ? String(refusal.params.job) : null;
}

function isErrorData(data: unknown): data is { error: CodedError; errors: readonly FieldError[] } {
  return typeof data === "object" && data !== null && "error" in data && "errors" in data;
}

/** Returns the sign-in URL that leads back to the current page. */
export function signInPath(location: { pathname: string; search: string }): string {
  return `/login?${new URLSearchParams({ next: location.pathname + location.search })}`;
}
