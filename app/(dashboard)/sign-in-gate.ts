import { headers } from "next/headers";
import { forbidden, redirect } from "next/navigation";
import { cache } from "react";
import { databaseTrouble } from "@/server/lib/errors";
import type { Principal } from "@/server/process/context";
import { getContext } from "@/server/process/context";
import { authenticate, isPermitted, PAGES, type Page } from "@/server/services/accounts";

/** Who is asking for this page, once a request; `unknown` while the database that knows them cannot be reached. */
export const currentPrincipal = cache(async (): Promise<Principal | "unknown" | null> => {
  try {
    return await authenticate(getContext(), new Headers(await headers()));
  } catch (error) {
    // Not left to Next.js, which would write the query with the session's token into the log.
    if (databaseTrouble(error)) return "unknown";
    throw error;
  }
});

export type SearchParams = Promise<Record<string, string | string[] | undefined>>;

/**
 * Every page's first line: sends who is not signed in to the sign-in page, and back to `path` after it, and tells
 * who may not see the page so (forbidden.tsx). A layout cannot do it for them: it does not run again when a person
 * walks from page to page.
 * @param path of a page that has a parameter, as it was asked for
 */
export async function requireSignIn(page: Page, searchParams?: SearchParams, path: string = page): Promise<void> {
  const principal = await currentPrincipal();
  // The layout says so in the page's place, or the page does: it has no data of its own.
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
