export { bounded } from "./bounded";
export { endpoint, noBody, none, unread } from "./endpoint";
export { withAdviceText, withErrorText, withErrorTextIfAny, withProblemText } from "./error-texts";
export { cancelResponse, jobResponse } from "./job-response";
export { localeOf } from "./locale";
export { logTableParam } from "./log-table-param";
export { type DocumentedPaths, openApiDocument } from "./openapi/document";
export { route } from "./route";
