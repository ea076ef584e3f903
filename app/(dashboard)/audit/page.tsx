import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { LogPage } from "@/components/logs/log-page";
import { requireSignIn, type SearchParams } from "../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("audit") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/audit", searchParams);
  return (
    <Messages of="(dashboard)/audit/page">
      <LogPage tableName="audit_log" />
    </Messages>
  );
}
