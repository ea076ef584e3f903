/** Parameters of the position in the list. */
const POSITION_PARAMETERS = ["cursor", "page", "at", "from", "asof", "row"];

/** Normalizes a page's URL query for a saved view, so that equal views are equal texts. */
export function viewSearch(search: string): string {
  const parameters = new URLSearchParams(search);
  for (const name of POSITION_PARAMETERS) parameters.delete(name);
  parameters.sort();
  return parameters.toString();
}
