import type { ErrorValue } from "../errors";

/** Why a text is no filter, or not one of this table. */
export class FilterSyntaxError extends Error {
  readonly problem: ErrorValue;
  /** Characters before what is wrong; 0 is the beginning. */
  readonly position: number;

  constructor(problem: ErrorValue, position: number) {
    super(problem.code);
    this.name = "FilterSyntaxError";
    this.problem = problem;
    this.position = position;
  }
}
