/** A base that no real URL has: a URL that resolves to it is a path of this site. */
const OWN = "http://own.invalid";

/**
 * Returns the path to open after sign-in: `next` if it is a path of this site, otherwise the start page. URLs of other
 * sites in any spelling (`//host`, `/\host`, `javascript:`) are rejected.
 */
export function safeNext(next: string | undefined): string {
  if (!next?.startsWith("/") || !URL.canParse(next, OWN)) return "/";
  const url = new URL(next, OWN);
  if (url.origin !== OWN || url.pathname.startsWith("/login")) return "/";
  return url.pathname + url.search;
}
