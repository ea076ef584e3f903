/** The roles of users and API keys. Each includes the permissions of those before it. */
export const ROLES = ["viewer", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** The limits of a password's length in characters. */
export const PASSWORD_LENGTH = { min: 12, max: 128 } as const;
