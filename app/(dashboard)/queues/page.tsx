import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { QueuesPage } from "@/components/queues/queues-page";
import { requireSignIn, type SearchParams } from "../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("queues") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/queues", searchParams);
  return (
    <Messages of="(dashboard)/queues/page">
      <QueuesPage />
    </Messages>
  );
}
