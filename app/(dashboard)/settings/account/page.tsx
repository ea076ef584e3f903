import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { AccountPage } from "@/components/accounts/account-page";
import { requireSignIn, type SearchParams } from "../../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("account") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/settings/account", searchParams);
  return <AccountPage />;
}
