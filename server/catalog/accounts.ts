/** The roles of users and API keys. Each includes the permissions of those before it. */
export const ROLES = ["viewer", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Characters of a password. */
export const PASSWORD_LENGTH = { min: 12, max: 128 } as const;
