import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { ApiKeysPage } from "@/components/accounts/api-keys-page";
import { Prefetched } from "../../prefetched";
import { requireSignIn, type SearchParams } from "../../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("apiKeys") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/settings/api-keys", searchParams);
  return (
    <Messages of="(dashboard)/settings/api-keys/page">
      <Prefetched read={(trpc, client) => [client.prefetchQuery(trpc.apiKeys.list.queryOptions())]}>
        <ApiKeysPage />
      </Prefetched>
    </Messages>
  );
}
