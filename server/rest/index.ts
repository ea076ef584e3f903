export { endpoint, none, unread } from "./endpoint";
export { route } from "./route";
