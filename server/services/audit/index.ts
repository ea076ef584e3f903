export type { AuditAction } from "./actions";
export { type Actor, insertAudit, recordAudit } from "./record-audit";
export { recordRefusal } from "./record-refusal";
