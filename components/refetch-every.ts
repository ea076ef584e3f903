/** Without data, each attempt clears the last error, so attempts are less frequent. */
const WITHOUT_DATA_MS = 15_000;

/** Returns a query's refetchInterval: `milliseconds` if it has data, otherwise longer. */
export function refetchEvery(milliseconds: number) {
  return ({ state }: { readonly state: { readonly data: unknown } }) =>
    state.data === undefined ? WITHOUT_DATA_MS : milliseconds;
}
