import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { createLoader } from "nuqs/server";
import { Messages } from "@/app/messages";
import { overviewBounds } from "@/components/overview/overview-bounds";
import { OverviewPage } from "@/components/overview/overview-page";
import { rangeParsers } from "@/components/time-range/range-parameters";
import { getContext } from "@/server/process/context";
import { Prefetched } from "./prefetched";
import { requireSignIn, type SearchParams } from "./sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("overview") };
}

const loadRange = createLoader(rangeParsers);

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/", searchParams);
  const now = Date.now();
  const bounds = overviewBounds(await loadRange(searchParams), now, getContext().config.timeZone);
  return (
    <Messages of="(dashboard)/page">
      <Prefetched
        read={(trpc, client) => [
          client.prefetchQuery(trpc.overview.traffic.queryOptions(bounds)),
          client.prefetchQuery(trpc.overview.forecast.queryOptions()),
          client.prefetchQuery(trpc.overview.health.queryOptions()),
        ]}
      >
        <OverviewPage now={now} />
      </Prefetched>
    </Messages>
  );
}
