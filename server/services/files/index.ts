export { fileStoreFailure } from "./check-store";
export { disksInUse } from "./disks-in-use";
export { moveFiles } from "./move";
