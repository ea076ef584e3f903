export { bounded } from "./bounded";
export { deadLetterReplay, deadLetterSelection } from "./dead-letter-selection";
export { endpoint, noBody, none, unread } from "./endpoint";
export { cancelResponse, jobResponse } from "./job-response";
export { csvQuery, logListQuery, pageSize } from "./list-query";
export { logTableParam } from "./log-table-param";
export { type DocumentedPaths, openApiDocument } from "./openapi/document";
export { route } from "./route";
