/** What a timeline can be about: columns that every log table has. */
export const SUBJECTS = ["user_id", "session_id", "ip_address"] as const;
export type Subject = (typeof SUBJECTS)[number];
