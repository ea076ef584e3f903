import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import type { Principal } from "@/server/context";
import { getContext } from "@/server/context";
import { authenticate } from "@/server/services/accounts";

/** Who is asking for this page; once a request. */
export const currentPrincipal = cache(
  async (): Promise<Principal | null> => authenticate(getContext(), new Headers(await headers())),
);

export type SearchParams = Promise<Record<string, string | string[] | undefined>>;

/**
 * Every page's first line: sends who is not signed in to the sign-in page, and back to `path` after it.
 * A layout cannot do it for them: it does not run again when a person walks from page to page.
 */
export async function requireSignIn(path: string, searchParams?: SearchParams): Promise<void> {
  if (await currentPrincipal()) return;
  const query = new URLSearchParams(
    Object.entries((await searchParams) ?? {}).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one]),
    ),
  );
  const next = query.size > 0 ? `${path}?${query}` : path;
  redirect(`/login?${new URLSearchParams({ next })}`);
}
