export { countRequest, type Limited } from "./count-request";
