export { checkHealth } from "./health";
export { keepWatch } from "./keep-watch";
