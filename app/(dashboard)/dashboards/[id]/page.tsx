import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { DashboardPage } from "@/components/dashboards/dashboard-page";
import { Prefetched } from "../../prefetched";
import { requireSignIn, type SearchParams } from "../../sign-in-gate";

interface Props {
  params: Promise<{ id: string }>;
  searchParams: SearchParams;
}

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("dashboards") };
}

export default async function Page({ params, searchParams }: Props) {
  const { id } = await params;
  await requireSignIn("/dashboards", searchParams, `/dashboards/${encodeURIComponent(id)}`);
  return (
    <Messages of="(dashboard)/dashboards/[id]/page">
      <Prefetched read={(trpc, client) => [client.prefetchQuery(trpc.dashboards.get.queryOptions({ id }))]}>
        <DashboardPage key={id} id={id} />
      </Prefetched>
    </Messages>
  );
}
