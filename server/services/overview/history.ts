/** Hours of metrics required for a prediction: traffic has a daily cycle. */
export const MIN_HISTORY_HOURS = 24;
