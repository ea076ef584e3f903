export { findChanges } from "./find-changes";
