import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { AlertsPage } from "@/components/alerts/alerts-page";
import { Prefetched } from "../prefetched";
import { requireSignIn, type SearchParams } from "../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("alerts") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/alerts", searchParams);
  return (
    <Messages of="(dashboard)/alerts/page">
      <Prefetched
        read={(trpc, client) => [
          client.prefetchQuery(trpc.alerts.rules.queryOptions()),
          client.prefetchQuery(trpc.alerts.webhooks.queryOptions()),
        ]}
      >
        <AlertsPage />
      </Prefetched>
    </Messages>
  );
}
