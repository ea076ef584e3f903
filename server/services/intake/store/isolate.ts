import { databaseFailureOf } from "@/server/lib/errors";

/**
 * Runs `attempt` on all items. If it fails because of some of them, bisects until they are isolated, and passes those
 * to `refuse`. `attempt` must leave the transaction usable when it fails.
 * @returns the sum of the results of `attempt`
 * @throws PostgreSQL errors that are not caused by an item, and errors of `refuse`
 */
export async function isolate<T>(
  items: readonly T[],
  attempt: (items: readonly T[]) => Promise<number>,
  refuse: (item: T, error: unknown) => Promise<void>,
): Promise<number> {
  if (items.length === 0) return 0;
  try {
    return await attempt(items);
  } catch (error) {
    if (databaseFailureOf(error)) throw error;
    if (items.length === 1) {
      for (const item of items) await refuse(item, error);
      return 0;
    }
    const middle = items.length >> 1;
    const left = await isolate(items.slice(0, middle), attempt, refuse);
    return left + (await isolate(items.slice(middle), attempt, refuse));
  }
}
