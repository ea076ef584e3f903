/** `flag`: a condition that is true or false; its threshold is 0 and fixed. */
export const ALERT_UNITS = ["count", "ratio", "seconds", "flag"] as const;

export type AlertUnit = (typeof ALERT_UNITS)[number];
