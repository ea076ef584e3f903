import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { TablesPage } from "@/components/tables/tables-page";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { Prefetched } from "../prefetched";
import { requireSignIn, type SearchParams } from "../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("tables") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/tables", searchParams);
  return (
    <Messages of="(dashboard)/tables/page">
      <Prefetched
        read={(trpc, client) => [
          client.prefetchQuery(trpc.tables.storage.queryOptions()),
          ...LOG_TABLE_NAMES.map((name) => client.prefetchQuery(trpc.tables.figures.queryOptions({ name }))),
        ]}
      >
        <TablesPage />
      </Prefetched>
    </Messages>
  );
}
