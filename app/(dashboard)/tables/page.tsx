import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { TablesPage } from "@/components/tables/tables-page";
import { requireSignIn, type SearchParams } from "../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("tables") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/tables", searchParams);
  return <TablesPage />;
}
