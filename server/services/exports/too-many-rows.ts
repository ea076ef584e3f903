import { AppError, fieldError } from "@/server/lib/errors";

export function tooManyRows(limit: number): AppError {
  return new AppError(
    "export.too_many_rows",
    { limit },
    {
      errors: [fieldError("max_rows", "input.more_rows", { limit })],
    },
  );
}
