import { jobProblemText } from "@/server/catalog/job-problem";
import { AppError } from "@/server/lib/errors";

export function tooManyRows(limit: number): AppError {
  return new AppError("UNPROCESSABLE", jobProblemText("too_many_rows", { limit }), {
    errors: [{ path: "max_rows", message: `more rows than the limit of ${limit}` }],
  });
}
