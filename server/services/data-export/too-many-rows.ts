import { AppError } from "@/server/errors";

export function tooManyRows(limit: number): AppError {
  const message = `more rows than the limit of ${limit}`;
  return new AppError("UNPROCESSABLE", `The export has ${message}. Narrow the time range or the filters.`, {
    errors: [{ path: "max_rows", message }],
  });
}
