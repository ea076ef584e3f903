export { type AuditAction, recordAudit } from "./record-audit";
