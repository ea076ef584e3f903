import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ApiKeysPage } from "@/components/accounts/api-keys-page";
import { requireSignIn, type SearchParams } from "../../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("apiKeys") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/settings/api-keys", searchParams);
  return <ApiKeysPage />;
}
