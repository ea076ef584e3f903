/** A base that no real URL has: what resolves to it is a path of this site. */
const OWN = "http://own.invalid";

/**
 * Where to go after sign-in: `next` if it is a path of this site, else the start page. Addresses of
 * other sites in any spelling (`//host`, `/\host`, `javascript:`) are not followed.
 */
export function safeNext(next: string | undefined): string {
  if (!next?.startsWith("/") || !URL.canParse(next, OWN)) return "/";
  const url = new URL(next, OWN);
  if (url.origin !== OWN || url.pathname.startsWith("/login")) return "/";
  return url.pathname + url.search;
}
