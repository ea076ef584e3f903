/** `flag`: it is so or it is not; the threshold is 0 and cannot be changed. */
export const ALERT_UNITS = ["count", "ratio", "seconds", "flag"] as const;

export type AlertUnit = (typeof ALERT_UNITS)[number];
