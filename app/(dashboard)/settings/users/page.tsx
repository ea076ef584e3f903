import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { UsersPage } from "@/components/accounts/users-page";
import { requireSignIn, type SearchParams } from "../../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("users") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/settings/users", searchParams);
  return <UsersPage />;
}
