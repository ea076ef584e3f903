import { headers } from "next/headers";
import { forbidden, redirect } from "next/navigation";
import { cache } from "react";
import { databaseFailureOf } from "@/server/lib/errors";
import type { Principal } from "@/server/process/context";
import { getContext } from "@/server/process/context";
import { authenticate, isPermitted, PAGES, type Page } from "@/server/services/accounts";

/** Returns the principal of this request, cached for its duration; `unknown` while the database is unreachable. */
export const currentPrincipal = cache(async (): Promise<Principal | "unknown" | null> => {
  try {
    return await authenticate(getContext(), new Headers(await headers()));
  } catch (error) {
    // Handled here, because Next.js would log the query with the session's token.
    if (databaseFailureOf(error)) return "unknown";
    throw error;
  }
});

export type SearchParams = Promise<Record<string, string | string[] | undefined>>;

/**
 * Must be the first line of every page: redirects anonymous users to the sign-in page, and back to `path` afterwards,
 * and shows forbidden.tsx to users without permission. A layout cannot do this, because it is not rendered again on
 * navigation between pages.
 * @param path the requested path, for a page with parameters
 */
export async function requireSignIn(page: Page, searchParams?: SearchParams, path: string = page): Promise<void> {
  const principal = await currentPrincipal();
  // The error is shown by the layout, or by the page, which has no data of its own.
  if (principal === "unknown") return;
  if (principal) {
    if (!isPermitted(principal.role, PAGES[page])) forbidden();
    return;
  }
  const query = new URLSearchParams(
    Object.entries((await searchParams) ?? {}).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one]),
    ),
  );
  const next = query.size > 0 ? `${path}?${query}` : path;
  redirect(`/login?${new URLSearchParams({ next })}`);
}
