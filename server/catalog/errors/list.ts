import { accountsErrors } from "./accounts";
import { alertsErrors } from "./alerts";
import { generalErrors } from "./general";
import { inputErrors } from "./input";
import { intakeErrors } from "./intake";
import { jobsErrors } from "./jobs";

/** Every error there is: its code, its kind and its params. The messages have the same codes, in `errorCodes`. */
export const ERRORS = {
  ...generalErrors,
  ...inputErrors,
  ...accountsErrors,
  ...alertsErrors,
  ...intakeErrors,
  ...jobsErrors,
};
