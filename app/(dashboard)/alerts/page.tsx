import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { AlertsPage } from "@/components/alerts/alerts-page";
import { requireSignIn, type SearchParams } from "../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("alerts") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/alerts", searchParams);
  return <AlertsPage />;
}
