/** Hours that were measured before anything is predicted from them: traffic has the rhythm of a day. */
export const MIN_HISTORY_HOURS = 24;
