export { AUDIT_ACTIONS, type AuditAction } from "./actions";
export { type Actor, recordAudit } from "./record-audit";
