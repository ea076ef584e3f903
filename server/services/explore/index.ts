export { explorer } from "./explorer";
