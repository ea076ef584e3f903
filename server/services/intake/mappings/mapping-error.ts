import type { ErrorCode, ErrorParams } from "@/server/catalog/errors";
import { AppError, fieldError } from "@/server/lib/errors";

/**
 * The reason why a text is not a mapping.
 * @param position of the error in the text, in characters from the start; none if the whole text is the reason
 */
export function mappingError<Code extends Extract<ErrorCode, `mapping.${string}`>>(
  code: Code,
  params: ErrorParams<Code>,
  position?: number,
): AppError {
  return new AppError(code, params, { errors: [fieldError("map", code, params, position)] });
}
