/**
 * The roles of users and API keys. Each includes the permissions of a viewer, and an administrator has all. An auditor
 * reads everything, also the audit log, and changes nothing.
 */
export const ROLES = ["viewer", "auditor", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** The limits of a password's length in characters. */
export const PASSWORD_LENGTH = { min: 12, max: 128 } as const;
