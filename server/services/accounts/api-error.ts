import { APIError } from "better-auth/api";
import { ERROR_KINDS } from "@/server/catalog/errors";
import { toAppError } from "@/server/lib/errors";

/** Converts an AppError to better-auth's error type, with its status, message and Retry-After. */
export async function orApiError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof APIError) throw thrown;
    const error = toAppError(thrown);
    if (error.kind === "INTERNAL") throw thrown;
    const { kind, code, params, message, errors, retryAfter } = error;
    throw new APIError(
      ERROR_KINDS[kind].http as ConstructorParameters<typeof APIError>[0],
      { code, params, message, errors },
      retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) },
    );
  }
}
