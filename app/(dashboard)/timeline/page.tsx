import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { TimelinePage } from "@/components/timeline/timeline-page";
import { requireSignIn, type SearchParams } from "../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("timeline");
  return { title: t("title") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/timeline", searchParams);
  return (
    <Messages of="(dashboard)/timeline/page">
      <TimelinePage />
    </Messages>
  );
}
