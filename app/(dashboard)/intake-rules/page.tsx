import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { RulesPage } from "@/components/intake-rules/rules-page";
import { requireSignIn, type SearchParams } from "../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("intakeRules") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/intake-rules", searchParams);
  return <RulesPage />;
}
