/** Maximum calls per request. Each uses a PostgreSQL connection while it runs. */
export const MAX_BATCH_ITEMS = 20;
