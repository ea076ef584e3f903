/** Maximum threshold of an alert rule by its unit; a `flag` has none. */
export const MAX_THRESHOLD = { ratio: 1, count: 1e12, seconds: 365 * 86_400, flag: 0 } as const;
