export { proposeRemoval } from "./propose-removal";
export { storageUse } from "./storage-use";
