import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { OverviewPage } from "@/components/overview/overview-page";
import { requireSignIn, type SearchParams } from "./sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("overview") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/", searchParams);
  return <OverviewPage />;
}
