import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { SignInPage } from "@/components/sign-in/sign-in-page";
import { safeNext } from "@/components/ui/safe-next";
import { databaseFailureOf } from "@/server/lib/errors";
import { getContext } from "@/server/process/context";
import { authenticate } from "@/server/services/accounts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("signIn");
  return { title: t("title") };
}

export default async function Page({ searchParams }: { searchParams: Promise<{ next?: string | string[] }> }) {
  const { next } = await searchParams;
  const target = safeNext(typeof next === "string" ? next : undefined);
  if (await isSignedIn()) redirect(target);
  return (
    <Messages of="(auth)/login/page">
      <SignInPage next={target} />
    </Messages>
  );
}

/** While the database is unreachable the form is still shown; the error is reported on submit. */
async function isSignedIn(): Promise<boolean> {
  try {
    return (await authenticate(getContext(), new Headers(await headers()))) !== null;
  } catch (error) {
    if (databaseFailureOf(error)) return false;
    throw error;
  }
}
