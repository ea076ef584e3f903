export { moveFiles } from "./move";
