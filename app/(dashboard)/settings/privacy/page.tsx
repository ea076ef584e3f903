import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { PrivacyPage } from "@/components/privacy/privacy-page";
import { Prefetched } from "../../prefetched";
import { requireSignIn, type SearchParams } from "../../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("privacy") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/settings/privacy", searchParams);
  return (
    <Messages of="(dashboard)/settings/privacy/page">
      <Prefetched read={(trpc, client) => [client.prefetchQuery(trpc.privacy.settings.queryOptions())]}>
        <PrivacyPage />
      </Prefetched>
    </Messages>
  );
}
