import { APIError } from "better-auth/api";
import { ERROR_CODES, toAppError } from "@/server/lib/errors";

/** Converts an AppError to better-auth's error type, with its status, message and Retry-After. */
export async function orApiError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof APIError) throw thrown;
    const error = toAppError(thrown);
    if (error.code === "INTERNAL") throw thrown;
    const { code, message, errors, retryAfter } = error;
    throw new APIError(
      ERROR_CODES[code].http as ConstructorParameters<typeof APIError>[0],
      { code, message, errors },
      retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) },
    );
  }
}
