export { createBackup } from "./create-backup";
export { restoreBackup } from "./restore-backup";
export { verifyBackup } from "./verify-backup";
