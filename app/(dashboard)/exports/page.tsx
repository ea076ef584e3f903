import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { ExportsPage } from "@/components/exports/exports-page";
import { requireSignIn, type SearchParams } from "../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("exports") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/exports", searchParams);
  return (
    <Messages of="(dashboard)/exports/page">
      <ExportsPage />
    </Messages>
  );
}
