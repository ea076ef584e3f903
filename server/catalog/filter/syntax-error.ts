import type { ErrorValue } from "../errors";

/** The reason why a text is not a valid filter of the table. */
export class FilterSyntaxError extends Error {
  readonly problem: ErrorValue;
  /** Position of the error in characters from the start. */
  readonly position: number;

  constructor(problem: ErrorValue, position: number) {
    super(problem.code);
    this.name = "FilterSyntaxError";
    this.problem = problem;
    this.position = position;
  }
}
