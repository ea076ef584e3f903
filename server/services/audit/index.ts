export type { AuditAction } from "./contract";
export { type Actor, insertAudit, recordAudit } from "./record-audit";
export { recordRefusal } from "./record-refusal";
