import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { ImportPage } from "@/components/imports/import-page";
import { Prefetched } from "../prefetched";
import { requireSignIn, type SearchParams } from "../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("import") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/imports", searchParams);
  return (
    <Messages of="(dashboard)/imports/page">
      <Prefetched read={(trpc, client) => [client.prefetchQuery(trpc.mappings.list.queryOptions())]}>
        <ImportPage />
      </Prefetched>
    </Messages>
  );
}
