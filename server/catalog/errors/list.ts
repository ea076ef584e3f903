import { accountsErrors } from "./accounts";
import { alertsErrors } from "./alerts";
import { columnarErrors } from "./columnar";
import { filesErrors } from "./files";
import { generalErrors } from "./general";
import { healthErrors } from "./health";
import { inputErrors } from "./input";
import { intakeErrors } from "./intake";
import { jobsErrors } from "./jobs";

/** All errors by code, with kind and params. The messages have the same codes, in `errorCodes`. */
export const ERRORS = {
  ...generalErrors,
  ...healthErrors,
  ...inputErrors,
  ...accountsErrors,
  ...alertsErrors,
  ...intakeErrors,
  ...jobsErrors,
  ...filesErrors,
  ...columnarErrors,
};
