import type { InputProblem } from "../input-problem";
import type { PhraseValues } from "../phrases";

/** Why a text is no filter, or not one of this table. */
export class FilterSyntaxError extends Error {
  readonly problem: InputProblem;
  readonly values: PhraseValues;
  /** Characters before what is wrong; 0 is the beginning. */
  readonly position: number;

  constructor(problem: InputProblem, position: number, values: PhraseValues = {}) {
    super(problem);
    this.name = "FilterSyntaxError";
    this.problem = problem;
    this.position = position;
    this.values = values;
  }
}
