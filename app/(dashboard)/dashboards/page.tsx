import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { DashboardsPage } from "@/components/dashboards/dashboards-page";
import { Prefetched } from "../prefetched";
import { requireSignIn, type SearchParams } from "../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("dashboards") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/dashboards", searchParams);
  return (
    <Messages of="(dashboard)/dashboards/page">
      <Prefetched read={(trpc, client) => [client.prefetchQuery(trpc.dashboards.list.queryOptions())]}>
        <DashboardsPage />
      </Prefetched>
    </Messages>
  );
}
