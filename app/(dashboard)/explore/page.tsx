import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { ExplorePage } from "@/components/explore/explore-page";
import { requireSignIn, type SearchParams } from "../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("explore") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/explore", searchParams);
  return (
    <Messages of="(dashboard)/explore/page">
      <ExplorePage />
    </Messages>
  );
}
