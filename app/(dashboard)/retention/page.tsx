import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Messages } from "@/app/messages";
import { CleanupPage } from "@/components/retention/cleanup-page";
import { Prefetched } from "../prefetched";
import { requireSignIn, type SearchParams } from "../sign-in-gate";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav");
  return { title: t("cleanup") };
}

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await requireSignIn("/retention", searchParams);
  return (
    <Messages of="(dashboard)/retention/page">
      <Prefetched
        read={(trpc, client) => [
          client.prefetchQuery(trpc.retention.policies.queryOptions()),
          client.prefetchQuery(trpc.retention.outlook.queryOptions()),
        ]}
      >
        <CleanupPage />
      </Prefetched>
    </Messages>
  );
}
