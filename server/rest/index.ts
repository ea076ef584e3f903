export { bounded } from "./bounded";
export { endpoint, noBody, none, unread } from "./endpoint";
export { cancelResponse, jobResponse } from "./job-response";
export { logTableParam } from "./log-table-param";
export { type DocumentedPaths, openApiDocument } from "./openapi/document";
export { route } from "./route";
export { spoken, spokenIfAny, spokenProblem } from "./spoken-errors";
