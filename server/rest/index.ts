export { deadLetterReplay, deadLetterSelection } from "./dead-letter-selection";
export { endpoint, none, unread } from "./endpoint";
export { logListQuery, pageSize } from "./list-query";
export { route } from "./route";
