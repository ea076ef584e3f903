/** Where one is in the list, not what one looks at. */
const PLACE = ["cursor", "page", "at", "from", "asof", "row"];

/** A page's query as a view keeps it: without `?` and the place in the list, in one order, so that equal views are equal texts. */
export function viewSearch(search: string): string {
  const parameters = new URLSearchParams(search);
  for (const name of PLACE) parameters.delete(name);
  parameters.sort();
  return parameters.toString();
}
