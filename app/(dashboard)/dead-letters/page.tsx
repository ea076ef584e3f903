import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { DeadLettersPage } from "@/components/dead-letters/dead-letters-page";
import { requireSignIn, type SearchParams } from "../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("deadLetters") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/dead-letters", searchParams);
  return <DeadLettersPage />;
}
