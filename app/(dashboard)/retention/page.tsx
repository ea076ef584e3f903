import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { CleanupPage } from "@/components/retention/cleanup-page";
import { requireSignIn, type SearchParams } from "../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("cleanup") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/retention", searchParams);
  return <CleanupPage />;
}
