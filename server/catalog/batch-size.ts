/** Calls in one request: each takes a connection to PostgreSQL for as long as it runs. */
export const MAX_BATCH_ITEMS = 20;
