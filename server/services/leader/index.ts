export { keepWatch } from "./monitor";
